package io.divan.document;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.divan.document.attachment.ContentReceiver;
import io.divan.document.revision.Attachment;
import io.divan.document.revision.Revision;
import io.divan.document.revision.RevisionHash;
import io.divan.document.rows.References;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** A database as plain collections: what {@link Database} must answer, without storage. */
final class ModelDatabase {

  /** An edit ready to be sent. */
  record Edit(
      String id,
      Optional<Revision> base,
      Optional<List<Revision>> path,
      boolean deleted,
      String body,
      List<ModelAttachments.Sent> attachments) {

    Edit(
        String id,
        Optional<Revision> base,
        Optional<List<Revision>> path,
        boolean deleted,
        String body) {
      this(id, base, path, deleted, body, List.of());
    }

    DocumentInput input(ContentReceiver receiver) {
      if (!attachments.isEmpty()) {
        receiver.nextDocument();
      }
      List<AttachmentInput> inputs =
          attachments.stream().map(one -> one.input(receiver, position())).toList();
      return new DocumentInput(
          Optional.of(id), base, path, deleted, inputs, body.getBytes(UTF_8));
    }

    private long position() {
      return path.map(all -> all.getFirst().position()).orElse(0L);
    }

    boolean hasStubs() {
      return attachments.stream().anyMatch(ModelAttachments.Stub.class::isInstance);
    }

    /**
     * What a replicated edit says.
     *
     * @param before the attachments of the revision that it follows
     */
    ModelDocument.Content content(List<Attachment> before) {
      return content(before, position());
    }

    ModelDocument.Content content(List<Attachment> before, long position) {
      return new ModelDocument.Content(
          deleted,
          body,
          attachments.stream().map(one -> one.attachment(id, before, position)).toList());
    }
  }

  record LocalDocument(long number, String body) {}

  static final Comparator<String> BY_BYTES =
      (one, other) -> Arrays.compareUnsigned(one.getBytes(UTF_8), other.getBytes(UTF_8));

  final Map<String, ModelDocument> documents = new TreeMap<>(BY_BYTES);
  final Map<String, LocalDocument> locals = new HashMap<>();

  /** Every revision there ever was anywhere, by document: its full path and content. */
  final Map<String, Map<Revision, List<Revision>>> histories = new HashMap<>();

  final Map<Revision, ModelDocument.Content> contents = new HashMap<>();
  private int revsLimit = Database.REVS_LIMIT_DEFAULT;
  private int batches;

  int revsLimit() {
    return revsLimit;
  }

  void revsLimit(int limit) {
    revsLimit = limit;
  }

  Optional<ModelDocument> document(String id) {
    return Optional.ofNullable(documents.get(id));
  }

  List<String> update(List<Edit> edits) {
    return apply(edits, this::edit);
  }

  List<String> replicate(List<Edit> edits) {
    return apply(edits, this::merge);
  }

  private interface Action {
    String apply(ModelDocument document, Edit edit);
  }

  /** A stub that is missing refuses the whole batch. */
  private List<String> apply(List<Edit> edits, Action action) {
    if (edits.stream().noneMatch(Edit::hasStubs)) {
      return applyAll(edits, action);
    }
    Map<String, ModelDocument> before = new HashMap<>();
    documents.forEach((id, document) -> before.put(id, new ModelDocument(document)));
    Map<String, LocalDocument> localsBefore = Map.copyOf(locals);
    try {
      return applyAll(edits, action);
    } catch (DocumentException.MissingStub e) {
      documents.clear();
      documents.putAll(before);
      locals.clear();
      locals.putAll(localsBefore);
      return List.of(e.error() + ": " + e.reason());
    }
  }

  private List<String> applyAll(List<Edit> edits, Action action) {
    batches++;
    Map<String, Set<Revision>> touched = new LinkedHashMap<>();
    List<String> outcomes = new ArrayList<>();
    for (Edit edit : edits) {
      if (edit.id().startsWith("_local/")) {
        outcomes.add(local(edit));
        continue;
      }
      ModelDocument document =
          documents.getOrDefault(edit.id(), new ModelDocument(edit.id()));
      touched.putIfAbsent(edit.id(), Set.copyOf(document.paths.keySet()));
      try {
        outcomes.add(action.apply(document, edit));
        documents.put(edit.id(), document);
      } catch (DocumentException.MissingStub e) {
        throw e;
      } catch (DocumentException e) {
        outcomes.add(e.error() + ": " + e.reason());
      }
    }
    int place = 0;
    for (Map.Entry<String, Set<Revision>> entry : touched.entrySet()) {
      ModelDocument document = documents.get(entry.getKey());
      if (document != null) {
        document.forget();
        if (!document.paths.keySet().equals(entry.getValue())) {
          document.batch = batches;
          document.place = place++;
        }
      }
    }
    return outcomes;
  }

  /** What was purged of each document, ascending. */
  Map<String, List<Revision>> purge(Map<String, List<Revision>> revisions) {
    batches++;
    int[] places = new int[1];
    Map<String, List<Revision>> purged = new LinkedHashMap<>();
    revisions.forEach(
        (id, some) -> {
          List<Revision> leaves =
              document(id).stream()
                  .flatMap(document -> document.leaves().stream())
                  .filter(some::contains)
                  .sorted()
                  .toList();
          purged.put(id, leaves);
          if (!leaves.isEmpty()) {
            ModelDocument document = documents.get(id);
            document.paths.keySet().removeAll(leaves);
            document.forget();
            document.batch = batches;
            document.place = places[0]++;
            if (document.paths.isEmpty()) {
              documents.remove(id);
            }
          }
        });
    return purged;
  }

  /** Copies a revision, or the winner, to another document. */
  List<String> copy(
      String from, Optional<Revision> revision, String to, Optional<Revision> base) {
    ModelDocument document = documents.get(from);
    if (document != null && revision.isEmpty() && document.isDeleted()) {
      return List.of("not_found: deleted");
    }
    Optional<ModelDocument.Content> content =
        Optional.ofNullable(document)
            .map(some -> some.bodies.get(revision.orElseGet(some::winner)));
    if (content.isEmpty()) {
      return List.of("not_found: missing");
    }
    List<ModelAttachments.Sent> attachments =
        content.get().attachments().stream()
            .map(one -> (ModelAttachments.Sent) new ModelAttachments.Copied(one))
            .toList();
    return update(
        List.of(
            new Edit(
                to, base, Optional.empty(), content.get().deleted(), content.get().body(),
                attachments)));
  }

  void compact() {
    documents.values().forEach(d -> d.bodies.keySet().retainAll(d.paths.keySet()));
  }

  private String edit(ModelDocument document, Edit edit) {
    Optional<Revision> parent = document.parent(edit.base(), edit.deleted());
    long position = parent.map(Revision::position).orElse(0L) + 1;
    ModelDocument.Content content =
        edit.content(
            edit.base().flatMap(base -> parent) // to create a document again keeps nothing
                .map(document.bodies::get)
                .map(ModelDocument.Content::attachments)
                .orElse(List.of()),
            position);
    byte[] id =
        RevisionHash.of(
            edit.deleted(), parent, edit.body().getBytes(UTF_8), content.attachments());
    Revision child = new Revision(position, id);
    List<Revision> path = new ArrayList<>(List.of(child));
    Map<Revision, List<Revision>> history =
        histories.computeIfAbsent(edit.id(), any -> new LinkedHashMap<>());
    parent.ifPresent(revision -> path.addAll(history.get(revision)));
    history.putIfAbsent(child, path);
    contents.put(child, content);
    document.extend(parent, child, content, revsLimit);
    return child.toString();
  }

  private String merge(ModelDocument document, Edit edit) {
    List<Revision> path = edit.path().orElseThrow();
    Revision head = path.getFirst();
    Optional<ModelDocument.Content> content = Optional.empty();
    if (!document.paths.containsKey(head)) {
      List<Attachment> before =
          path.stream()
              .skip(1)
              .filter(document.known()::contains)
              .filter(document.bodies::containsKey)
              .findFirst()
              .map(document.bodies::get)
              .map(ModelDocument.Content::attachments)
              .orElse(List.of());
      try {
        content = Optional.of(edit.content(before));
      } catch (DocumentException.MissingStub e) {
        if (!document.known().contains(head)) {
          throw e;
        }
      }
    }
    document.merge(path, edit.deleted(), content, revsLimit);
    return head.toString();
  }

  private String local(Edit edit) {
    if (edit.deleted()) {
      locals.remove(edit.id());
      return "0-0";
    }
    long number = edit.base().map(base -> Long.parseLong(Revision.idText(base.id()))).orElse(0L);
    locals.put(edit.id(), new LocalDocument(number + 1, edit.body()));
    return "0-" + (number + 1);
  }

  /** Documents that are not deleted, in the order of their ids. */
  List<ModelDocument> listed() {
    return documents.values().stream().filter(document -> !document.isDeleted()).toList();
  }

  List<ModelDocument> changed() {
    return documents.values().stream()
        .sorted(
            Comparator.comparing((ModelDocument document) -> document.batch)
                .thenComparing(document -> document.place))
        .toList();
  }

  /** Documents, deleted ones, design and local ones, stored bytes, JSON bytes. */
  List<Long> counters() {
    long live = listed().size();
    long leaves = 0;
    long bytes = 0;
    long references = 0;
    for (ModelDocument document : documents.values()) {
      for (Revision leaf : document.paths.keySet()) {
        leaves++;
        ModelDocument.Content content = document.bodies.get(leaf);
        bytes += content.body().length();
        references += References.encode(content.attachments()).length;
        for (Attachment attachment : content.attachments()) {
          bytes += attachment.content().storedLength();
        }
      }
    }
    long design = listed().stream().filter(d -> d.id.startsWith("_design/")).count();
    return List.of(
        live, documents.size() - live, design, (long) locals.size(),
        bytes + references + 5 * leaves, bytes);
  }

  /** Every revision of a document that was ever made, known here or not. */
  Set<Revision> everMade(String id) {
    return new HashSet<>(histories.getOrDefault(id, Map.of()).keySet());
  }
}
