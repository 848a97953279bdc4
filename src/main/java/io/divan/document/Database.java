package io.divan.document;

import io.divan.document.attachment.Contents;
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
import io.divan.storage.ReadTransaction;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.tuple.TupleReader;
import java.time.InstantSource;
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

  /** The default of {@link #revsLimit()}. */
  public static final int REVS_LIMIT_DEFAULT = 1_000;

  private static final int READ_IDS_MAX = 100;

  /** The store itself, which checks no permissions. */
  private final Store base;

  /** The store as the principal may use it. */
  private final Store store;

  private final DatabaseSettings.Cache cache;
  private final DatabaseSettings settings;
  private final CommitListener listener;
  private final EditHooks hooks;
  private final AccessPolicy policy;
  private final Principal principal;
  private final Guard guard;
  private final VisibleBodies visible;
  private final DocumentReader reader;
  private final Contents contents;
  private final AttachmentReader attachments;
  private final InstantSource clock;

  Database(Store store, CommitListener listener, EditHooks hooks) {
    this(store, listener, hooks, AccessPolicy.OPEN, InstantSource.system());
  }

  Database(
      Store store,
      CommitListener listener,
      EditHooks hooks,
      AccessPolicy policy,
      InstantSource clock) {
    this(
        store,
        new DatabaseSettings.Cache(store.name(), Format.CURRENT),
        listener,
        hooks,
        policy,
        Principal.SERVER_ADMIN,
        clock);
  }

  Database(
      Store base,
      DatabaseSettings.Cache cache,
      CommitListener listener,
      EditHooks hooks,
      AccessPolicy policy,
      Principal principal,
      InstantSource clock) {
    this.clock = clock;
    this.base = base;
    this.cache = cache;
    this.policy = policy;
    this.principal = principal;
    this.guard = new Guard(principal, policy, base.name(), cache);
    this.store = guard.over(base);
    this.settings = new DatabaseSettings(store, cache, guard);
    this.listener = listener;
    this.hooks = hooks;
    this.visible = VisibleBodies.of(hooks, store.name(), principal, settings);
    this.contents = new Contents(store, clock, listener::uploading);
    this.attachments = new AttachmentReader(contents);
    this.reader = new DocumentReader(settings, visible, attachments);
  }

  /** The same database, read and edited by another principal. */
  Database as(Principal other) {
    return other.equals(principal)
        ? this
        : new Database(base, cache, listener, hooks, policy, other, clock);
  }

  /**
   * Checks that the principal may do something now.
   *
   * @throws DocumentException.Unauthorized when the principal is anonymous and may not
   * @throws DocumentException.Forbidden when another principal may not
   */
  public void check(Action action) {
    if (!principal.isServerAdmin()) {
      base.read(
          transaction -> {
            guard.check(transaction, action);
            return action;
          });
    }
  }

  /** Checks as {@link #check}, but reads nothing if what was last read allows the action. */
  void checkEarly(Action action) {
    if (!principal.isServerAdmin() && !guard.probablyAllows(action)) {
      check(action);
    }
  }

  /**
   * Returns the same database for one request, which opens it again if its first transaction finds
   * that it was deleted. The settings cache is shared with the other handles. That is safe: an
   * entry is used only under its configuration version, which no other incarnation has on backends
   * that keep handles of deleted databases.
   *
   * @param reopen opens the store by its name
   */
  Database revalidated(Supplier<Store> reopen) {
    return new Database(
        new RevalidatedStore(base, reopen), cache, listener, hooks, policy, principal, clock);
  }

  /** The store that holds the database, for maintenance. */
  public Store store() {
    return base;
  }

  /**
   * Runs reads in one snapshot.
   *
   * @param work may run again, so it has no effects
   */
  public <T> T read(Function<ReadTransaction, T> work) {
    return store.read(work);
  }

  /** The winners of documents, as the principal sees them, for use within {@link #read}. */
  public WinnerReader winners() {
    return new WinnerReader(visible);
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
   * @param deletedToo whether to return a tombstone, too
   * @throws DocumentException.NotFound when it is missing, or deleted without {@code deletedToo}
   */
  public FoundDocument get(String id, boolean deletedToo, ReadOptions options) {
    return DocumentIds.isLocal(id)
        ? store.read(transaction -> local(transaction, id, options))
        : store.read(
            transaction -> reader.read(transaction, id, deletedToo, options));
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
   * @param options the members to add; all but {@code _revisions} only with {@code latest}
   * @throws DocumentException.NotFound when the revision is unknown or its body is not stored
   */
  public FoundDocument get(String id, Revision revision, boolean latest, ReadOptions options) {
    return store.read(
        transaction -> latest
            ? reader.readLatest(transaction, id, revision, options)
            : reader.read(transaction, id, revision, options));
  }

  /**
   * The content of a document as the input of another edit, without id and revision: the winner, a
   * local document, or a chosen revision, which may be a tombstone.
   *
   * @throws DocumentException.NotFound when it is missing, or when the winner is deleted
   */
  public DocumentInput copyOf(String id, Optional<Revision> revision) {
    return store.read(transaction -> reader.copyOf(transaction, id, revision));
  }

  /**
   * An attachment of a document's winner or of one revision.
   *
   * @param revision the revision; empty for the winner
   * @param deletedToo whether to return an attachment of a tombstone that is the winner
   * @throws DocumentException.NotFound when the document, the revision or the attachment is missing
   */
  public FoundAttachment attachment(
      String id, String name, Optional<Revision> revision, boolean deletedToo) {
    return store.read(
        transaction -> reader.attachment(transaction, id, name, revision, deletedToo));
  }

  /**
   * An attachment of the best leaf that descends from a revision.
   *
   * @throws DocumentException.NotFound when the revision or the attachment is missing
   */
  public FoundAttachment latestAttachment(String id, String name, Revision revision) {
    return store.read(transaction -> reader.latestAttachment(transaction, id, name, revision));
  }

  /** The contents of attachments. */
  public Contents contents() {
    return contents;
  }

  /** Chosen revisions of documents; {@code ancestors} adds {@code _revisions}. */
  public OpenRevisions openRevisions(List<OpenRevisions.Request> requests, boolean ancestors) {
    return openRevisions(requests, ReadOptions.revisions(ancestors));
  }

  /** Chosen revisions of documents, with their ancestors and attachments as the options say. */
  public OpenRevisions openRevisions(
      List<OpenRevisions.Request> requests, ReadOptions options) {
    return new OpenRevisions(store, requests, options, settings, visible, attachments);
  }

  /** The documents in the order of their ids. */
  AllDocs allDocs(Listing.Query query) {
    return new AllDocs(store, visible, attachments, query, false);
  }

  /** The documents of one kind in the order of their ids. */
  public Listing list(Listing.Scope scope, Listing.Query query) {
    return scope == Listing.Scope.LOCAL_DOCS
        ? new LocalDocs(store, query)
        : new AllDocs(
            store, visible, attachments, query, scope == Listing.Scope.DESIGN_DOCS);
  }

  /** The documents with these ids, local ones included, in the order of the ids. */
  DocumentsByKey byKey(List<String> ids, boolean includeDocs, boolean conflicts) {
    return byKey(ids, includeDocs, conflicts, AttachmentOptions.STUBS);
  }

  /**
   * The documents with these ids, local ones included, in the order of the ids.
   *
   * @param shown how the documents show their attachments
   */
  public DocumentsByKey byKey(
      List<String> ids, boolean includeDocs, boolean conflicts, AttachmentOptions shown) {
    return new DocumentsByKey(
        store, visible, attachments, ids, includeDocs, conflicts, shown);
  }

  /** The changes in the order of their commits. */
  public Changes changes(Changes.Query query) {
    return new Changes(store, visible, attachments, query);
  }

  /** The unknown ones among these revisions. Documents without any are left out. */
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
   * Applies edits of a user in their order. Of several edits that extend the same leaf the first
   * succeeds and the others conflict. Edits that fit into a transaction are applied in one; more
   * are split in order, and each part is atomic.
   *
   * @return the outcome of each, in their order
   */
  public List<UpdateResult> update(List<DocumentInput> edits) {
    return edits(EditMode.INTERACTIVE).apply(edits);
  }

  /**
   * Deletes a document.
   *
   * @param deletion the document's id and the revision to delete
   * @return the outcome; {@link DocumentException.NotFound} if there is nothing to delete
   */
  public UpdateResult delete(DocumentInput deletion) {
    if (visible.hasRule()) {
      try {
        get(deletion.requireId(), false, ReadOptions.NONE); // as CouchDB: hidden ones are not found
      } catch (DocumentException e) {
        return new UpdateResult.Refused(deletion.requireId(), e);
      }
    }
    return edits(EditMode.DELETION).apply(List.of(deletion)).getFirst();
  }

  /**
   * Stores edits that were made elsewhere, as they are; known revisions change nothing. Applies
   * them in transactions of about a megabyte.
   *
   * @return the outcome of each, in their order
   */
  public List<UpdateResult> replicate(List<DocumentInput> edits) {
    return edits(EditMode.REPLICATED).apply(edits);
  }

  /**
   * Looks for the stubs of edits that are applied later, in several calls.
   *
   * @param replicated whether {@link #replicate} will apply them
   * @throws DocumentException.MissingStub if one is missing
   */
  public void checkStubs(List<DocumentInput> edits, boolean replicated) {
    edits(replicated ? EditMode.REPLICATED : EditMode.INTERACTIVE).checkStubs(edits);
  }

  private EditBatches edits(EditMode mode) {
    return new EditBatches(store, cache, settings, listener, hooks, guard, mode, clock);
  }

  /** The settings. */
  public DatabaseSettings settings() {
    return settings;
  }

  /** The number of revisions kept on each path of a tree. */
  public int revsLimit() {
    return settings.revsLimit();
  }

  /**
   * Sets the number of revisions kept on each path. A document is stemmed by its next edit.
   *
   * @param limit at least 1
   */
  public void revsLimit(int limit) {
    settings.revsLimit(limit);
  }

  /** Removal of leaves for good. */
  public Purges purges() {
    return new Purges(store, settings, listener, hooks, guard, clock);
  }
}
