package io.divan.document;

import io.divan.document.revision.Attachment;
import io.divan.document.revision.Revision;
import io.divan.json.JsonBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** One document of {@link ModelDatabase}: a path per leaf, newest revision first. */
final class ModelDocument {

  /** What a revision says; the same wherever it is known. */
  record Content(boolean deleted, String body, List<Attachment> attachments) {
    Content(boolean deleted, String body) {
      this(deleted, body, List.of());
    }
  }

  final String id;
  final Map<Revision, List<Revision>> paths = new HashMap<>();
  final Map<Revision, Content> bodies = new HashMap<>();
  private final Map<Revision, Boolean> deleted = new HashMap<>();

  /** When it changed last: the batch, and the place within it. */
  int batch;
  int place;

  ModelDocument(String id) {
    this.id = id;
  }

  /** A copy. */
  ModelDocument(ModelDocument other) {
    id = other.id;
    paths.putAll(other.paths);
    bodies.putAll(other.bodies);
    deleted.putAll(other.deleted);
    batch = other.batch;
    place = other.place;
  }

  Set<Revision> known() {
    Set<Revision> known = new HashSet<>();
    paths.values().forEach(known::addAll);
    return known;
  }

  boolean isDeleted(Revision leaf) {
    return deleted.get(leaf);
  }

  /** The winner first. */
  List<Revision> leaves() {
    return paths.keySet().stream()
        .sorted(
            Comparator.comparing((Revision leaf) -> deleted.get(leaf))
                .thenComparing(Comparator.reverseOrder()))
        .toList();
  }

  Revision winner() {
    return leaves().getFirst();
  }

  boolean isDeleted() {
    return paths.isEmpty() || deleted.get(winner());
  }

  /** The leaf that an edit extends, nothing for a first revision; or it throws. */
  Optional<Revision> parent(Optional<Revision> base, boolean deletes) {
    if (paths.isEmpty() && base.isEmpty()) {
      return Optional.empty();
    }
    Optional<Revision> parent = base.filter(paths::containsKey);
    if (isDeleted()) {
      parent = base.isEmpty() ? Optional.of(winner()) : Optional.empty();
    }
    if (parent.isEmpty() || deleted.get(parent.get()) && deletes) {
      throw new DocumentException.Conflict();
    }
    return parent;
  }

  void extend(Optional<Revision> parent, Revision child, Content content, int revsLimit) {
    List<Revision> path = new ArrayList<>(List.of(child));
    parent.ifPresent(revision -> path.addAll(paths.get(revision)));
    if (known().contains(child)) {
      merge(path, content.deleted(), Optional.of(content), revsLimit);
      return;
    }
    parent.ifPresent(paths::remove);
    paths.put(child, path.subList(0, Math.min(path.size(), revsLimit)));
    deleted.put(child, content.deleted());
    bodies.put(child, content);
  }

  /**
   * Merges a path.
   *
   * @param content the content of its head, if that is to be stored
   */
  void merge(List<Revision> path, boolean deletes, Optional<Content> content, int revsLimit) {
    Revision head = path.getFirst();
    boolean known = known().contains(head);
    if (!paths.containsKey(head)) {
      content.ifPresent(some -> bodies.putIfAbsent(head, some));
    }
    Collection<List<Revision>> all = new ArrayList<>(paths.values());
    all.add(path);
    Map<Revision, Revision> parents = new HashMap<>();
    for (List<Revision> one : all) {
      for (int i = 1; i < one.size(); i++) {
        parents.putIfAbsent(one.get(i - 1), one.get(i));
      }
    }
    Set<Revision> heads = new HashSet<>(paths.keySet());
    if (!known) {
      heads.add(head);
      deleted.put(head, deletes);
    }
    heads.removeAll(parents.values());
    paths.clear();
    for (Revision leaf : heads) {
      List<Revision> found = new ArrayList<>();
      for (Revision r = leaf; r != null && found.size() < revsLimit; r = parents.get(r)) {
        found.add(r);
      }
      paths.put(leaf, found);
    }
  }

  /** What no path reaches any more loses its body when the transaction ends. */
  void forget() {
    bodies.keySet().retainAll(known());
  }

  /** As it is answered, without the closing brace. */
  String open(Revision revision) {
    Content content = bodies.get(revision);
    String members = content.body().substring(1, content.body().length() - 1);
    return "{\"_id\":" + quote(id) + ",\"_rev\":" + quote(revision.toString())
        + (members.isEmpty() ? "" : "," + members)
        + (content.deleted() ? ",\"_deleted\":true" : "");
  }

  /** The last member of what is answered, and the closing brace. */
  String close(Revision revision) {
    return ModelAttachments.json(bodies.get(revision).attachments()) + "}";
  }

  static String quote(String text) {
    return new JsonBuffer().string(text).toString();
  }

  String revisions(Revision leaf, int revsLimit) {
    List<Revision> path = paths.get(leaf);
    List<String> ids =
        path.stream()
            .limit(revsLimit)
            .map(revision -> quote(Revision.idText(revision.id())))
            .toList();
    return ",\"_revisions\":{\"start\":" + leaf.position() + ",\"ids\":["
        + String.join(",", ids) + "]}";
  }

  String revisionsInfo() {
    List<String> infos = new ArrayList<>();
    for (Revision revision : paths.get(winner())) {
      Content content = bodies.get(revision);
      String status =
          content == null ? "missing" : content.deleted() ? "deleted" : "available";
      infos.add("{\"rev\":" + quote(revision.toString()) + ",\"status\":\"" + status + "\"}");
    }
    return ",\"_revs_info\":[" + String.join(",", infos) + "]";
  }

  String conflicts(String name, boolean ofDeleted) {
    List<String> others =
        leaves().stream()
            .skip(1)
            .filter(leaf -> deleted.get(leaf) == ofDeleted)
            .map(leaf -> quote(leaf.toString()))
            .toList();
    return others.isEmpty() ? "" : ",\"" + name + "\":[" + String.join(",", others) + "]";
  }
}
