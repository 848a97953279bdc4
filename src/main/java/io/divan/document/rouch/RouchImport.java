package io.divan.document.rouch;

import io.divan.document.Database;
import io.divan.document.DocumentException;
import io.divan.document.DocumentIds;
import io.divan.document.DocumentInput;
import io.divan.document.DocumentParser;
import io.divan.document.ReadOptions;
import io.divan.document.UpdateResult;
import io.divan.document.revision.Revision;
import io.divan.document.revision.RevisionDiff;
import io.divan.json.Json;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
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
 * Imports the documents of a RouchDB database into a Divan database, in the order of their last
 * changes: all leaves with their histories, the stored bodies of older revisions, and local
 * documents. Revisions that the target already has are left alone, so an interrupted import can be
 * run again. For one thread.
 *
 * <ol>
 *   <li>A non-leaf revision without a body is imported only as part of histories. A leaf without a
 *       body is reported and skipped, together with the ancestors that only it has.
 *   <li>Ancestors are stored before their descendants. After an interruption, the revisions that
 *       the target lacks are therefore exactly those still to be imported.
 *   <li>An existing local document is not overwritten.
 * </ol>
 */
public final class RouchImport {

  /** The tables of a RouchDB database. */
  public interface Source {
    /** Reads the record of a document. */
    Optional<byte[]> document(String id);

    /** Reads the record of a revision's body. */
    Optional<byte[]> body(String id, String revision);

    /** Reads the record of a change. */
    Optional<byte[]> change(long sequence);

    /** Passes all changes to a consumer, in order: record and sequence. */
    void changes(ObjLongConsumer<byte[]> consumer);

    /** Passes all documents to a consumer: id and record. */
    void documents(BiConsumer<String, byte[]> consumer);

    /** Passes all local documents to a consumer: id without its prefix, and JSON. */
    void locals(BiConsumer<String, byte[]> consumer);
  }

  /** Receives the problems and the progress of an import. */
  public interface Listener {
    /** Reports an item that is not imported, and the reason. */
    void problem(String problem);

    /** Reports the number of documents read so far. */
    void read(long documents);
  }

  /**
   * The result of an import.
   *
   * @param documents number of documents in the source, including deleted ones
   * @param revisions number of revisions added
   * @param localDocuments number of local documents added
   * @param withAttachments number of documents with attachments, which are not imported
   * @param idleChanges number of changes that are not the last change of any document
   */
  public record Summary(
      long documents,
      long revisions,
      long localDocuments,
      long withAttachments,
      long idleChanges) {}

  private record Found(String id, RouchRecords.Document record, BitSet wanted) {}

  private static final int DOCUMENTS_MAX = 100;
  private static final int BATCH_BYTES = 1_000_000;

  private final Source source;
  private final Database target;
  private final Listener listener;
  private final DocumentParser parser = new DocumentParser();
  private final List<Found> found = new ArrayList<>();
  private final List<DocumentInput> batch = new ArrayList<>();
  private final Set<String> attached = new HashSet<>();
  private long batchBytes;
  private long documents;
  private long revisions;
  private long localDocuments;
  private long withAttachments;
  private long idleChanges;

  /** Creates an import from a source into a database. */
  public RouchImport(Source source, Database target, Listener listener) {
    this.source = source;
    this.target = target;
    this.listener = listener;
  }

  /** Runs the import. */
  public Summary run() {
    source.changes(this::change);
    source.documents(this::unchanged);
    storeFound();
    source.locals(this::local);
    flush();
    return new Summary(documents, revisions, localDocuments, withAttachments, idleChanges);
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

  /** Imports a document that no change refers to. */
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

  /** Stores those of the found revisions that the target lacks. */
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
      return; // an ancestor without a stored body; only leaves need one
    }
    try {
      DocumentInput body = body(record.get(), document.id);
      add(
          new DocumentInput(
              Optional.of(document.id),
              Optional.empty(),
              Optional.of(document.record.path(index)),
              node.deleted(),
              false,
              body.body()));
    } catch (DocumentException e) {
      listener.problem(document.id + ": " + node.text() + " cannot be read: " + reason(e));
    }
  }

  private void add(DocumentInput input) {
    if (batchBytes > 0 && batchBytes + input.body().length > BATCH_BYTES) {
      flush();
    }
    batch.add(input);
    batchBytes += input.body().length;
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
    batch.clear();
    batchBytes = 0;
  }

  /**
   * Reads the body of a record, its member {@code data}, and notes whether it has {@code
   * attachments}.
   */
  private DocumentInput body(byte[] record, String id) {
    Optional<DocumentInput> data = Optional.empty();
    boolean attachments = false;
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
          attachments = json.nextToken() != JsonToken.END_OBJECT;
          skipMembers(json);
        } else {
          json.skipChildren();
        }
      }
    } catch (JacksonException e) {
      throw DocumentException.of(Json.malformed(e), id);
    }
    DocumentInput input =
        data.orElseThrow(() -> new DocumentException.BadRequest("the record has no body"));
    if ((attachments || input.attachments()) && attached.add(id)) {
      withAttachments++;
    }
    return input;
  }

  /** Advances to the end of an object. The parser is at the first member or at the end. */
  private static void skipMembers(JsonParser json) {
    while (json.currentToken() == JsonToken.PROPERTY_NAME) {
      json.nextToken();
      json.skipChildren();
      json.nextToken();
    }
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
        local(id, body(body.get(), id));
      }
    } catch (DocumentException e) {
      listener.problem(id + ": " + reason(e));
    }
  }

  private void local(String id, DocumentInput body) {
    if (!exists(id)) {
      add(
          new DocumentInput(
              Optional.of(id), Optional.empty(), Optional.empty(), false, false, body.body()));
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
