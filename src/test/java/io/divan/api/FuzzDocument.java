package io.divan.api;

import io.divan.document.revision.Revision;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The expected state of a document, from its acknowledged edits: its revisions and leaves. */
final class FuzzDocument {

  /** The content of a revision. */
  record Content(boolean deleted, Map<String, Object> members) {}

  private final Map<Revision, Content> heads = new HashMap<>();
  private final Map<Revision, Revision> parents = new HashMap<>();

  private boolean knows(Revision revision) {
    return heads.containsKey(revision)
        || parents.containsKey(revision)
        || parents.containsValue(revision);
  }

  /** The leaves, with the winner first. */
  List<Revision> leaves() {
    Set<Revision> inner = Set.copyOf(parents.values());
    return heads.keySet().stream()
        .filter(revision -> !inner.contains(revision))
        .sorted(
            Comparator.comparing((Revision leaf) -> heads.get(leaf).deleted())
                .thenComparing(Comparator.reverseOrder()))
        .toList();
  }

  /** The leaves with their content. */
  Map<String, Content> contents() {
    return leaves().stream().collect(Collectors.toMap(Revision::toString, heads::get));
  }

  Optional<Revision> winner() {
    return leaves().stream().findFirst();
  }

  boolean isDeleted() {
    return heads.get(winner().orElseThrow()).deleted();
  }

  Content winning() {
    return heads.get(winner().orElseThrow());
  }

  /** Applies an acknowledged edit. A deleted document continues from its tombstone. */
  void edit(Optional<Revision> base, Revision revision, Content content) {
    Optional<Revision> parent =
        winner().isPresent() && isDeleted()
            ? winner()
            : base.filter(given -> given.position() > 0);
    parent.ifPresent(
        known -> {
          if (!leaves().contains(known)) {
            throw new AssertionError("An edit of " + known + ", which is not a leaf, was accepted");
          }
          parents.put(revision, known);
        });
    if (parent.isEmpty() && !heads.isEmpty()) {
      throw new AssertionError("An edit without a revision was accepted");
    }
    heads.put(revision, content);
  }

  /** Merges a replicated revision path, newest first. Known revisions change nothing. */
  void merge(List<Revision> path, Content content) {
    boolean known = knows(path.getFirst());
    for (int i = 1; i < path.size(); i++) {
      parents.putIfAbsent(path.get(i - 1), path.get(i));
    }
    if (!known) {
      heads.put(path.getFirst(), content);
    }
  }
}
