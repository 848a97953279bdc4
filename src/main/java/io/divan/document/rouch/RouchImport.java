package io.divan.document.rouch;

import io.divan.document.AttachmentInput;
import io.divan.document.Database;
import io.divan.document.DocumentException;
import io.divan.document.DocumentIds;
import io.divan.document.DocumentInput;
import io.divan.document.DocumentParser;
import io.divan.document.ReadOptions;
import io.divan.document.UpdateResult;
import io.divan.document.attachment.Compression;
import io.divan.document.attachment.ContentReceiver;
import io.divan.document.revision.Revision;
import io.divan.document.revision.RevisionDiff;
import io.divan.json.Json;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.ObjLongConsumer;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Imports the documents of a RouchDB database: all leaves with their histories, the bodies of older
 * revisions that RouchDB still has, in the order of the last changes, with their attachments, and
 * local documents. Existing
 * revisions are skipped, so an interrupted import can be run again. For one thread.
 *
 * <ol>
 *   <li>A revision without a body is kept in the histories of its descendants only. A leaf without
 *       a body is reported and skipped, with the ancestors that have no other leaf.
 *   <li>Older revisions are stored before their descendants, so that an import that is run again
 *       finds exactly the missing ones.
 *   <li>An attachment whose content RouchDB has no longer is left out; of a leaf, it is reported.
 *   <li>A local document that exists already is not changed.
 * </ol>
 */
public final class RouchImport {

  /** The tables of a RouchDB database. */
  public interface Source {
    /** Returns the record of a document. */
    Optional<byte[]> document(String id);

    /** Returns the record of a revision's body. */
    Optional<byte[]> body(String id, String revision);

    /** Returns the record of a change. */
    Optional<byte[]> change(long sequence);

    /** Returns the content of an attachment. */
    Optional<byte[]> attachment(String key);

    /** Passes all changes, in order, to the consumer: record and sequence. */
    void changes(ObjLongConsumer<byte[]> consumer);

    /** Passes all documents to the consumer: id and record. */
    void documents(BiConsumer<String, byte[]> consumer);

    /** Passes all local documents to the consumer: id without its prefix, and JSON. */
    void locals(BiConsumer<String, byte[]> consumer);
  }

  /** Receives the progress of an import. */
  public interface Listener {
    /** Reports why something is not imported. */
    void problem(String problem);

    /** Reports how many documents have been read so far. */
    void read(long documents);
  }

  /**
   * The result of an import.
   *
   * @param documents the number of documents in the source, including deleted ones
   * @param revisions the number of revisions added
   * @param localDocuments the number of local documents added
   * @param attachments the number of attachments of the added revisions
   * @param lostAttachments the number of attachments of added non-leaf revisions that the source
   *     no longer has
   * @param idleChanges the number of changes that are not the last change of a document
   */
  public record Summary(
      long documents,
      long revisions,
      long localDocuments,
      long attachments,
      long lostAttachments,
      long idleChanges) {}

  private record Found(String id, RouchRecords.Document record, BitSet wanted) {}

  private static final int DOCUMENTS_MAX = 100;
  private static final int BATCH_BYTES = 1_000_000;

  private final Source source;
  private final Database target;
  private final Listener listener;
  private final DocumentParser parser = new DocumentParser();
  private final Compression compression =
      Compression.of(Compression.DEFAULT_TYPES, Compression.DEFAULT_LEVEL);
  private final List<Found> found = new ArrayList<>();
  private final List<DocumentInput> batch = new ArrayList<>();
  private ContentReceiver receiver;
  private long batchBytes;
  private long documents;
  private long revisions;
  private long localDocuments;
  private long attachments;
  private long lostAttachments;
  private long idleChanges;

  /** Creates an import from a source into a database. */
  public RouchImport(Source source, Database target, Listener listener) {
    this.source = source;
    this.target = target;
    this.listener = listener;
    this.receiver = receiver();
  }

  /** Runs the import to its end. */
  public Summary run() {
    source.changes(this::change);
    source.documents(this::unchanged);
    storeFound();
    source.locals(this::local);
    flush();
    return new Summary(
        documents, revisions, localDocuments, attachments, lostAttachments, idleChanges);
  }

  private ContentReceiver receiver() {
    return ContentReceiver.into(target.contents(), compression, () -> Long.MAX_VALUE);
  }

  private void change(byte[] record, long sequence) {
    try {
      String id = RouchRecords.changedId(record);
      Optional<RouchRecords.Document> document = source.document(id).map(RouchRecords::document);
      if (document.isPresent() && document.get().sequence() == sequence) {
        document(id, document.get());
      } else {
        idleChanges++;
      }
    } catch (RouchRecords.Malformed e) {
      listener.problem("the change " + sequence + " or its document cannot be read: "
          + e.getMessage());
    }
  }

  /** Collects a document that no change names. */
  private void unchanged(String id, byte[] record) {
    try {
      RouchRecords.Document document = RouchRecords.document(record);
      boolean changed =
          source
              .change(document.sequence())
              .map(change -> RouchRecords.changedId(change).equals(id))
              .orElse(false);
      if (!changed) {
        document(id, document);
      }
    } catch (RouchRecords.Malformed e) {
      listener.problem(id + ": its record cannot be read: " + e.getMessage());
    }
  }

  private void document(String id, RouchRecords.Document record) {
    documents++;
    listener.read(documents);
    try {
      DocumentIds.check(id);
    } catch (DocumentException e) {
      listener.problem(id + ": " + reason(e));
      return;
    }
    if (DocumentIds.isLocal(id)) {
      oldLocal(id, record);
      return;
    }
    found.add(new Found(id, record, wanted(id, record)));
    if (found.size() >= DOCUMENTS_MAX) {
      storeFound();
    }
  }

  /** Returns the leaves that have bodies, and their ancestors that have bodies. */
  private BitSet wanted(String id, RouchRecords.Document record) {
    BitSet reached = new BitSet();
    BitSet leaves = record.leaves();
    for (int leaf = leaves.nextSetBit(0); leaf >= 0; leaf = leaves.nextSetBit(leaf + 1)) {
      String revision = record.nodes().get(leaf).text();
      if (source.body(id, revision).isEmpty()) {
        listener.problem(id + ": the body of " + revision + " is missing");
        continue;
      }
      for (int i = leaf; i >= 0 && !reached.get(i); i = record.nodes().get(i).parent()) {
        reached.set(i);
      }
    }
    BitSet wanted = new BitSet();
    reached.stream()
        .filter(i -> leaves.get(i) || !record.nodes().get(i).missing())
        .forEach(wanted::set);
    return wanted;
  }

  /** Stores the collected revisions that the database does not have. */
  private void storeFound() {
    Map<String, List<Revision>> asked = new LinkedHashMap<>();
    for (Found document : found) {
      asked.put(
          document.id,
          document.wanted.stream()
              .mapToObj(i -> document.record.nodes().get(i).revision())
              .toList());
    }
    Map<String, Set<Revision>> missing = new LinkedHashMap<>();
    for (RevisionDiff diff : target.diff(asked)) {
      missing.put(diff.id(), Set.copyOf(diff.missing()));
    }
    for (Found document : found) {
      Set<Revision> unknown = missing.getOrDefault(document.id, Set.of());
      document.wanted.stream()
          .filter(i -> unknown.contains(document.record.nodes().get(i).revision()))
          .forEach(i -> revision(document, i));
    }
    flush();
    found.clear();
  }

  private void revision(Found document, int index) {
    RouchRecords.Node node = document.record.nodes().get(index);
    Optional<byte[]> record = source.body(document.id, node.text());
    if (record.isEmpty()) {
      return; // a non-leaf revision without a body: only leaves need one
    }
    try {
      Body body = body(record.get(), document.id);
      add(
          new DocumentInput(
              Optional.of(document.id),
              Optional.empty(),
              Optional.of(document.record.path(index)),
              node.deleted(),
              attachments(document, index, body.attachments()),
              body.input().body()));
    } catch (DocumentException e) {
      listener.problem(document.id + ": " + node.text() + " cannot be read: " + reason(e));
    }
  }

  /** Receives the attachments of a revision. */
  private List<AttachmentInput> attachments(
      Found document, int index, List<RouchAttachments.Named> named) {
    List<AttachmentInput> received = new ArrayList<>();
    if (!named.isEmpty()) {
      receiver.nextDocument();
    }
    RouchRecords.Node node = document.record.nodes().get(index);
    for (RouchAttachments.Named attachment : named) {
      Optional<byte[]> bytes = RouchAttachments.bytes(source, document.id, attachment);
      if (bytes.isPresent()) {
        attachments++;
        batchBytes += Math.min(bytes.get().length, BATCH_BYTES);
        received.add(
            RouchAttachments.receive(
                receiver, attachment, bytes.get(), node.revision().position()));
      } else if (document.record.leaves().get(index)) {
        listener.problem(
            document.id + ": " + node.text() + " is imported without its attachment "
                + attachment.name() + ", whose content is missing");
      } else {
        lostAttachments++;
      }
    }
    return received;
  }

  private void add(DocumentInput input) {
    batch.add(input);
    batchBytes += input.body().length;
    if (batchBytes > BATCH_BYTES) {
      flush();
    }
  }

  private void flush() {
    if (batch.isEmpty()) {
      return;
    }
    for (UpdateResult result : target.replicate(batch)) {
      switch (result) {
        case UpdateResult.Saved saved -> {
          if (DocumentIds.isLocal(saved.id())) {
            localDocuments++;
          } else {
            revisions++;
          }
        }
        case UpdateResult.Refused refused ->
            listener.problem(refused.id() + ": " + reason(refused.reason()));
      }
    }
    receiver.close();
    receiver = receiver();
    batch.clear();
    batchBytes = 0;
  }

  private record Body(DocumentInput input, List<RouchAttachments.Named> attachments) {}

  /** Reads a body's record: {@code data} and {@code attachments}. */
  private Body body(byte[] record, String id) {
    Optional<DocumentInput> data = Optional.empty();
    List<RouchAttachments.Named> named = List.of();
    try (JsonParser json = Json.parser(record)) {
      expect(json.nextToken() == JsonToken.START_OBJECT);
      while (json.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = json.currentName();
        JsonToken value = json.nextToken();
        if (name.equals("data") && value == JsonToken.START_OBJECT) {
          data = Optional.of(parser.parse(json));
        } else if (name.equals("data") && value == JsonToken.VALUE_NULL) {
          data = Optional.of(DocumentInput.deletion(id, Optional.empty()));
        } else if (name.equals("attachments") && value == JsonToken.START_OBJECT) {
          named = RouchAttachments.read(json);
        } else {
          json.skipChildren();
        }
      }
    } catch (JacksonException e) {
      throw DocumentException.of(Json.malformed(e), id);
    }
    return new Body(
        data.orElseThrow(() -> new DocumentException.BadRequest("the record has no body")),
        named);
  }

  private static void expect(boolean is) {
    if (!is) {
      throw new DocumentException.BadRequest("invalid UTF-8 JSON");
    }
  }

  private void local(String id, byte[] json) {
    try {
      local(DocumentIds.check(DocumentIds.LOCAL_PREFIX + id), parser.parse(json));
    } catch (DocumentException e) {
      listener.problem(DocumentIds.LOCAL_PREFIX + id + ": " + reason(e));
    }
  }

  /** Imports a local document that RouchDB up to 0.4 stored among the other documents. */
  private void oldLocal(String id, RouchRecords.Document record) {
    Optional<RouchRecords.Node> winner =
        record.leaves().stream()
            .mapToObj(record.nodes()::get)
            .filter(node -> !node.deleted())
            .max((a, b) -> a.revision().compareTo(b.revision()));
    try {
      Optional<byte[]> body = winner.flatMap(node -> source.body(id, node.text()));
      if (body.isPresent()) {
        local(id, body(body.get(), id).input());
      }
    } catch (DocumentException e) {
      listener.problem(id + ": " + reason(e));
    }
  }

  private void local(String id, DocumentInput body) {
    if (!exists(id)) {
      add(
          new DocumentInput(
              Optional.of(id), Optional.empty(), Optional.empty(), false, List.of(), body.body()));
    }
  }

  private static String reason(DocumentException e) {
    return e instanceof DocumentException.TooLarge ? "it is too large" : e.reason();
  }

  private boolean exists(String id) {
    try {
      target.get(id, false, ReadOptions.NONE);
      return true;
    } catch (DocumentException.NotFound e) {
      return false;
    }
  }
}
