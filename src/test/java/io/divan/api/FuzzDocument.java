package io.divan.api;

import io.divan.document.revision.Revision;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What a document must be, from the edits that were acknowledged: leaves, and who begot whom. */
final class FuzzDocument {

  /** What a revision says. */
  record Content(boolean deleted, Map<String, Object> members) {}

  private final Map<Revision, Content> heads = new HashMap<>();
  private final Map<Revision, Revision> parents = new HashMap<>();

  private boolean knows(Revision revision) {
    return heads.containsKey(revision)
        || parents.containsKey(revision)
        || parents.containsValue(revision);
  }

  /** The revisions without successors, the winner first. */
  List<Revision> leaves() {
    Set<Revision> inner = Set.copyOf(parents.values());
    return heads.keySet().stream()
        .filter(revision -> !inner.contains(revision))
        .sorted(
            Comparator.comparing((Revision leaf) -> heads.get(leaf).deleted())
                .thenComparing(Comparator.reverseOrder()))
        .toList();
  }

  /** The leaves with what they say. */
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

  /** An edit that was acknowledged; a document that is deleted goes on from its tombstone. */
  void edit(Optional<Revision> base, Revision revision, Content content) {
    Optional<Revision> parent =
        winner().isPresent() && isDeleted()
            ? winner()
            : base.filter(given -> given.position() > 0);
    parent.ifPresent(
        known -> {
          if (!leaves().contains(known)) {
            throw new AssertionError("An edit of " + known + " was taken, which is no leaf");
          }
          parents.put(revision, known);
        });
    if (parent.isEmpty() && !heads.isEmpty()) {
      throw new AssertionError("An edit without a revision was taken");
    }
    heads.put(revision, content);
  }

  /** A revision that was made elsewhere, newest first; known ones change nothing. */
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
