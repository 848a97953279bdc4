package io.divan.document;

import io.divan.document.attachment.ReceivedContent;
import io.divan.storage.Limits;
import io.divan.storage.ReadTransaction;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.WriteTransaction;
import io.divan.storage.Written;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Applies the edits of a request in as many transactions as they need, and runs slow rules before
 * each of them.
 *
 * <ol>
 *   <li>Slow rules run outside any transaction, on the documents as one snapshot shows them.
 *   <li>The transaction applies their verdicts only if its configuration version is the snapshot's
 *       and each edit still follows the same revision. Otherwise it rolls back, and the rules run
 *       on a new snapshot, at most {@value #RUNS_MAX} times.
 *   <li>Edits of a database without slow rules need no snapshot: the transaction itself looks
 *       whether there are some. A hint in the cache of settings lets later edits run them at once.
 * </ol>
 */
final class EditBatches {
  private static final int RUNS_MAX = 20;
  private static final long REPLICATED_BYTES = 1_000_000;

  private final Store store;
  private final DatabaseSettings.Cache cache;
  private final DatabaseSettings settings;
  private final CommitListener listener;
  private final EditHooks hooks;
  private final Guard guard;
  private final EditMode mode;
  private final InstantSource clock;

  EditBatches(
      Store store,
      DatabaseSettings.Cache cache,
      DatabaseSettings settings,
      CommitListener listener,
      EditHooks hooks,
      Guard guard,
      EditMode mode,
      InstantSource clock) {
    this.clock = clock;
    this.store = store;
    this.cache = cache;
    this.settings = settings;
    this.listener = listener;
    this.hooks = hooks;
    this.guard = guard;
    this.mode = mode;
  }

  /** Applies edits in their order, and returns the outcome of each. */
  List<UpdateResult> apply(List<DocumentInput> edits) {
    List<EditTransform> transforms = hooks.transforms(store.name());
    if (transforms.isEmpty()) {
      return applyAll(edits);
    }
    boolean administrator =
        guard.principal().isServerAdmin()
            || settings.security().isAdmin(guard.principal());
    TransformedEdits transformed =
        TransformedEdits.of(edits, transforms, guard.principal(), administrator);
    return transformed.outcomes(applyAll(transformed.accepted()));
  }

  private List<UpdateResult> applyAll(List<DocumentInput> edits) {
    List<UpdateResult> results = new ArrayList<>(edits.size());
    List<List<DocumentInput>> parts = parts(edits);
    if (parts.size() > 1) {
      parts.forEach(this::checkStubs);
    }
    for (List<DocumentInput> part : parts) {
      apply(part, results);
    }
    return results;
  }

  /**
   * Looks for the stubs of edits before the first of several transactions.
   *
   * @throws DocumentException.MissingStub if one is missing
   */
  void checkStubs(List<DocumentInput> edits) {
    List<DocumentInput> some = edits.stream().filter(DocumentInput::hasStubs).toList();
    if (!some.isEmpty()) {
      rehearse(some, Optional.empty());
    }
  }

  /** Splits edits that certainly exceed one transaction. */
  private List<List<DocumentInput>> parts(List<DocumentInput> edits) {
    long bytesMax =
        mode == EditMode.REPLICATED ? REPLICATED_BYTES : Limits.TRANSACTION_BYTES_MAX;
    List<List<DocumentInput>> parts = new ArrayList<>();
    int from = 0;
    long bytes = 0;
    for (int i = 0; i < edits.size(); i++) {
      DocumentInput edit = edits.get(i);
      long size = edit.transactionBytes();
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

  /** Applies edits in one transaction, or in two halves where that is too large. */
  private void apply(List<DocumentInput> edits, List<UpdateResult> results) {
    if (edits.isEmpty()) {
      return;
    }
    Applied applied;
    try {
      applied = run(edits);
    } catch (StorageException.LimitExceeded e) {
      if (e.limit() != Limits.Limit.TRANSACTION || edits.size() == 1) {
        throw e;
      }
      int half = edits.size() / 2;
      apply(edits.subList(0, half), results);
      apply(edits.subList(half, edits.size()), results);
      return;
    }
    results.addAll(applied.results());
    applied.settled().forEach(ReceivedContent::settle);
  }

  private record Applied(
      List<UpdateResult> results,
      List<ReceivedContent> settled,
      long nonLeafBytes,
      boolean leavesBlobs,
      long observedRows) {

    /** The documents whose edits are stored. */
    List<String> saved() {
      return results.stream()
          .filter(UpdateResult.Saved.class::isInstance)
          .map(UpdateResult::id)
          .toList();
    }
  }

  private Applied run(List<DocumentInput> edits) {
    Verdicts verdicts = new Verdicts();
    if (cache.hasSlowRules() && edits.stream().anyMatch(Verdicts::concern)) {
      judge(edits, verdicts);
    }
    for (int i = 0; i < RUNS_MAX; i++) {
      try {
        Written<Applied> written =
            store.write(transaction -> write(transaction, edits, verdicts));
        if (written.versionstamp().isPresent()) {
          Applied applied = written.result();
          listener.committed(
              new CommitListener.Commit(
                  guard.principal(),
                  applied::saved,
                  applied.nonLeafBytes(),
                  applied.leavesBlobs(),
                  applied.observedRows()));
        }
        return written.result();
      } catch (Verdicts.Outdated e) {
        judge(edits, verdicts);
      }
    }
    throw new StorageException.Conflict(RUNS_MAX);
  }

  private Applied write(
      WriteTransaction transaction, List<DocumentInput> edits, Verdicts verdicts) {
    DatabaseSettings.Cached current = settings.in(transaction);
    EditContext context = new EditContext(store.name(), transaction, current);
    EditCheck check =
        guard
            .designDocuments(current, transaction)
            .then(DesignDocumentForm.CHECK)
            .then(EditCheck.of(EditHooks.choose(hooks.rules(), context), guard.principal()));
    boolean slowRules = !EditHooks.choose(hooks.slowRules(), context).isEmpty();
    cache.hasSlowRules(slowRules);
    DocumentWriter writer =
        new DocumentWriter(
            transaction, current, Observers.of(hooks, context, transaction), clock);
    List<UpdateResult> results =
        writer.apply(
            edits,
            mode,
            slowRules ? check.then(verdicts.recall(current.version())) : check);
    return new Applied(
        results,
        writer.settled(),
        writer.nonLeafBytes(),
        writer.leavesGarbage(),
        writer.observedRows());
  }

  /** A snapshot of the edited documents, and the rules at that time. */
  private record Snapshot(
      DatabaseSettings.Cached settings,
      EditCheck check,
      Map<String, EditedDocument> documents) {}

  /** Runs slow rules on a snapshot and records their verdicts. */
  private void judge(List<DocumentInput> edits, Verdicts verdicts) {
    rehearse(edits, Optional.of(verdicts));
  }

  /**
   * Merges edits into a snapshot of their documents.
   *
   * @param verdicts where to record the verdicts of slow rules, if these shall run
   * @throws DocumentException.MissingStub because it refuses all edits
   */
  private void rehearse(List<DocumentInput> edits, Optional<Verdicts> verdicts) {
    Snapshot snapshot = store.read(transaction -> snapshot(transaction, edits, verdicts));
    for (DocumentInput edit : edits) {
      if (DocumentIds.isLocal(edit.requireId())) {
        continue;
      }
      try {
        int revsLimit = snapshot.settings().revsLimit();
        DocumentWriter.merge(
            snapshot.documents(), edit, mode, revsLimit, snapshot.check());
      } catch (DocumentException.MissingStub e) {
        throw e;
      } catch (DocumentException e) {
        // The transaction refuses it, too. What follows is judged as if it had not been sent.
      }
    }
  }

  private Snapshot snapshot(
      ReadTransaction transaction, List<DocumentInput> edits, Optional<Verdicts> verdicts) {
    DatabaseSettings.Cached current = settings.in(transaction);
    EditContext context = new EditContext(store.name(), transaction, current);
    EditCheck fast =
        guard
            .designDocuments(current, transaction)
            .then(DesignDocumentForm.CHECK)
            .then(EditCheck.of(EditHooks.choose(hooks.rules(), context), guard.principal()));
    EditCheck check =
        verdicts
            .map(
                recorded -> fast.then(
                    recorded.judge(
                        current.version(),
                        EditHooks.choose(hooks.slowRules(), context),
                        guard.principal())))
            .orElse(fast);
    return new Snapshot(
        current,
        check,
        DocumentLoader.load(transaction, edits, mode, check::needsOld, Optional.empty()));
  }
}
