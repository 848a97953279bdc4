package io.divan.document;

import io.divan.document.revision.Revision;
import io.divan.document.revision.RevisionDiff;
import io.divan.document.revision.RevisionTree;
import io.divan.document.revision.Sequence;
import io.divan.document.rows.LeafRows;
import io.divan.document.rows.LocalDocuments;
import io.divan.document.rows.Stats;
import io.divan.document.rows.Tables;
import io.divan.json.Json;
import io.divan.json.JsonBuffer;
import io.divan.storage.Limits;
import io.divan.storage.ReadTransaction;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.WriteTransaction;
import io.divan.storage.Written;
import io.divan.storage.tuple.TupleReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * One database: its documents and their revisions, changes and local documents. A handle belongs to
 * one incarnation of the database. Safe for use by many threads.
 *
 * <p>Every method can throw {@link StorageException}.
 */
public final class Database {

  /** The largest document, in bytes of its canonical JSON. */
  public static final int DOCUMENT_BYTES_MAX = Json.VALUE_BYTES_MAX;

  /** How many revisions of a path are kept where the database does not say otherwise. */
  public static final int REVS_LIMIT_DEFAULT = 1_000;

  private static final int REPLICATED_BATCH_BYTES = 1_000_000;
  private static final int READ_IDS_MAX = 100;

  private final Store store;
  private final DatabaseSettings.Cache cache;
  private final DatabaseSettings settings;
  private final EditListener listener;

  Database(Store store, EditListener listener) {
    this(store, new DatabaseSettings.Cache(), listener);
  }

  private Database(Store store, DatabaseSettings.Cache cache, EditListener listener) {
    this.store = store;
    this.cache = cache;
    this.settings = new DatabaseSettings(store, cache);
    this.listener = listener;
  }

  /**
   * The same database for one request, which opens it again if its first transaction finds this
   * incarnation gone. The settings cache is shared: its entries belong to a configuration version,
   * which no other incarnation has where handles of former incarnations can be kept.
   *
   * @param reopen opens the store by its name
   */
  Database revalidated(Supplier<Store> reopen) {
    return new Database(new RevalidatedStore(store, reopen), cache, listener);
  }

  /** The store that holds the database, for maintenance. */
  public Store store() {
    return store;
  }

  /** The database's name. */
  public String name() {
    return store.name();
  }

  /** Facts about the database. */
  public DatabaseInfo info() {
    long sizeFile = store.sizeBytes();
    return store.read(
        transaction -> {
          long[] counts = Stats.all(transaction);
          return new DatabaseInfo(
              name(),
              new TupleReader(metadata(transaction, Tables.UUID)).nextString(),
              new TupleReader(metadata(transaction, Tables.CREATED)).nextLong(),
              counts[0],
              counts[1],
              counts[2],
              counts[3],
              Stats.lastSequence(transaction),
              sizeFile,
              counts[4],
              counts[5],
              Stats.lastPurge(transaction));
        });
  }

  private static byte[] metadata(ReadTransaction transaction, byte[] key) {
    return transaction
        .get(Tables.METADATA, key)
        .orElseThrow(() -> new IllegalStateException("A database lacks its metadata"));
  }

  /** The latest update, or {@link Sequence#ZERO}. */
  public Sequence updateSequence() {
    return store.read(transaction -> Stats.lastSequence(transaction));
  }

  /**
   * The winner of a document, or a local document.
   *
   * @param deletedToo whether a tombstone is answered as well
   * @throws DocumentException.NotFound when it is missing, or deleted and that is not asked for
   */
  public FoundDocument get(String id, boolean deletedToo, ReadOptions options) {
    return DocumentIds.isLocal(id)
        ? store.read(transaction -> local(transaction, id, options))
        : store.read(
            transaction ->
                DocumentReader.read(
                    transaction, id, deletedToo, options, settings));
  }

  private static FoundDocument local(ReadTransaction transaction, String id, ReadOptions options) {
    LocalDocuments.Local local =
        LocalDocuments.read(transaction, id)
            .orElseThrow(() -> new DocumentException.NotFound("missing"));
    JsonBuffer out = new JsonBuffer();
    DocumentJson.open(out, id, local.revision(), false, local.json());
    if (options.revisions()) {
      out.raw(",\"_revisions\":{\"start\":0,\"ids\":[\"").number(local.number()).raw("\"]}");
    }
    return new FoundDocument(local.revision(), out.raw('}').toBytes());
  }

  /**
   * One revision of a document.
   *
   * @param latest whether to return the best leaf that descends from it instead
   * @param options what to return with it; all but {@code _revisions} only with {@code latest}
   * @throws DocumentException.NotFound when it is not there
   */
  public FoundDocument get(String id, Revision revision, boolean latest, ReadOptions options) {
    return store.read(
        transaction ->
            latest
                ? DocumentReader.readLatest(transaction, id, revision, options, settings)
                : DocumentReader.read(transaction, id, revision, options, settings));
  }

  /**
   * What an edit needs to store the same content again, without id and revision: the winner, a
   * local document, or one revision, be it deleted.
   *
   * @throws DocumentException.NotFound when it is not there; of a winner, also when it is deleted
   */
  public DocumentInput copyOf(String id, Optional<Revision> revision) {
    return store.read(transaction -> DocumentReader.copyOf(transaction, id, revision));
  }

  /** Chosen revisions of documents; with {@code _revisions} where that is asked. */
  public OpenRevisions open(List<OpenRevisions.Request> requests, boolean ancestors) {
    return new OpenRevisions(store, requests, ancestors, settings);
  }

  /** The documents in the order of their ids. */
  AllDocs allDocs(Listing.Query query) {
    return new AllDocs(store, query, false);
  }

  /** The documents of one kind in the order of their ids. */
  public Listing list(Listing.Scope scope, Listing.Query query) {
    return scope == Listing.Scope.LOCAL_DOCS
        ? new LocalDocs(store, query)
        : new AllDocs(store, query, scope == Listing.Scope.DESIGN_DOCS);
  }

  /** The documents of these ids, local ones too, in their order. */
  public DocumentsByKey byKey(List<String> ids, boolean includeDocs, boolean conflicts) {
    return new DocumentsByKey(store, ids, includeDocs, conflicts);
  }

  /** The changes in the order of their commits. */
  public Changes changes(Changes.Query query) {
    return new Changes(store, query);
  }

  /** Which of these revisions are not known; documents that lack nothing are left out. */
  public List<RevisionDiff> diff(Map<String, List<Revision>> revisions) {
    List<String> ids = List.copyOf(revisions.keySet());
    List<RevisionDiff> diffs = new ArrayList<>();
    for (int from = 0; from < ids.size(); from += READ_IDS_MAX) {
      List<String> some = ids.subList(from, Math.min(ids.size(), from + READ_IDS_MAX));
      List<RevisionTree> trees =
          store.read(transaction -> LeafRows.trees(transaction, some));
      for (int i = 0; i < some.size(); i++) {
        String id = some.get(i);
        List<Revision> missing =
            trees.get(i).missing(revisions.getOrDefault(id, List.of()));
        if (!missing.isEmpty()) {
          diffs.add(new RevisionDiff(id, missing, trees.get(i).possibleAncestors(missing)));
        }
      }
    }
    return diffs;
  }

  /**
   * Applies edits that come from a user, in their order: of several that extend the same leaf the
   * first counts, the others conflict. Up to the limit of a transaction they are one transaction;
   * more are split in order, each part atomic.
   *
   * @return what became of each, in their order
   */
  public List<UpdateResult> update(List<DocumentInput> edits) {
    List<UpdateResult> results = new ArrayList<>(edits.size());
    for (List<DocumentInput> part : parts(edits, Limits.TRANSACTION_BYTES_MAX)) {
      apply(part, results, DocumentWriter::interactive);
    }
    return results;
  }

  /**
   * Deletes a document.
   *
   * @param deletion the document's id and the revision to delete
   * @return what became of it; {@link DocumentException.NotFound} if there is nothing to delete
   */
  public UpdateResult delete(DocumentInput deletion) {
    List<UpdateResult> results = new ArrayList<>(1);
    apply(List.of(deletion), results, DocumentWriter::deletions);
    return results.getFirst();
  }

  /**
   * Stores edits that were made elsewhere, as they are; what is known already changes nothing. In
   * transactions of about a megabyte.
   *
   * @return what became of each, in their order
   */
  public List<UpdateResult> replicate(List<DocumentInput> edits) {
    List<UpdateResult> results = new ArrayList<>(edits.size());
    for (List<DocumentInput> part : parts(edits, REPLICATED_BATCH_BYTES)) {
      apply(part, results, DocumentWriter::replicated);
    }
    return results;
  }

  @FunctionalInterface
  private interface Edits {
    List<UpdateResult> apply(DocumentWriter writer, List<DocumentInput> edits);
  }

  /** In one transaction; where that is too large, in two halves, the first one first. */
  private void apply(List<DocumentInput> edits, List<UpdateResult> results, Edits how) {
    if (edits.isEmpty()) {
      return;
    }
    try {
      long[] oldBytes = new long[1];
      Function<WriteTransaction, List<UpdateResult>> work =
          transaction -> {
            DocumentWriter writer = new DocumentWriter(transaction, settings.in(transaction));
            List<UpdateResult> applied = how.apply(writer, edits);
            oldBytes[0] = writer.oldBytes();
            return applied;
          };
      Written<List<UpdateResult>> written = store.write(work);
      results.addAll(written.result());
      if (written.versionstamp().isPresent()) {
        listener.committed(oldBytes[0]);
      }
    } catch (StorageException.LimitExceeded e) {
      if (e.limit() != Limits.Limit.TRANSACTION || edits.size() == 1) {
        throw e;
      }
      int half = edits.size() / 2;
      apply(edits.subList(0, half), results, how);
      apply(edits.subList(half, edits.size()), results, how);
    }
  }

  /** Splits where the edits would certainly exceed so many bytes in one transaction. */
  private static List<List<DocumentInput>> parts(List<DocumentInput> edits, long bytesMax) {
    List<List<DocumentInput>> parts = new ArrayList<>();
    int from = 0;
    long bytes = 0;
    for (int i = 0; i < edits.size(); i++) {
      DocumentInput edit = edits.get(i);
      long size = edit.body().length + Limits.writeBytes(edit.requireId().length(), 0);
      if (i > from && bytes + size > bytesMax) {
        parts.add(edits.subList(from, i));
        from = i;
        bytes = 0;
      }
      bytes += size;
    }
    parts.add(edits.subList(from, edits.size()));
    return parts;
  }

  /** What can be set. */
  public DatabaseSettings settings() {
    return settings;
  }

  /** How many revisions of a path are kept. */
  public int revsLimit() {
    return settings.revsLimit();
  }

  /**
   * Sets how many revisions of a path are kept; documents are stemmed when they are edited next.
   *
   * @param limit at least 1
   */
  public void revsLimit(int limit) {
    settings.revsLimit(limit);
  }

  /** What is removed for good. */
  public Purges purges() {
    return new Purges(store, settings, listener);
  }
}
