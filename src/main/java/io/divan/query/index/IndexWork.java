package io.divan.query.index;

import io.divan.record.index.IndexBuild;
import io.divan.record.index.IndexClear;
import io.divan.record.index.IndexHandle;
import io.divan.record.index.IndexState;
import io.divan.storage.Store;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Builds the new indexes of a database, and clears the dropped ones. For use by one thread. */
final class IndexWork {
  private static final System.Logger LOG = System.getLogger(IndexWork.class.getName());

  /** Receives the progress of builds. */
  @FunctionalInterface
  interface Progress {
    /** Ignores it. */
    Progress NONE = (designDocument, before, done, total) -> {};

    /**
     * Called when a build begins or continues, and after each of its transactions.
     *
     * @param designDocument the first design document that defines the index
     * @param before how many documents were indexed at the last call
     * @param done how many documents are indexed
     * @param total the known number of documents
     */
    void at(String designDocument, long before, long done, long total);
  }

  private final Store store;
  private final BooleanSupplier cancelled;
  private final Progress progress;
  private final int atOnceMax;

  IndexWork(Store store, BooleanSupplier cancelled, Progress progress) {
    this(store, cancelled, progress, Integer.MAX_VALUE);
  }

  /**
   * Works at the indexes of a store.
   *
   * @param cancelled whether to stop after the current transaction
   * @param atOnceMax the most documents to index in one transaction
   */
  IndexWork(Store store, BooleanSupplier cancelled, Progress progress, int atOnceMax) {
    this.atOnceMax = atOnceMax;
    this.store = store;
    this.cancelled = cancelled;
    this.progress = progress;
  }

  /** Returns whether no index is to be built or cleared. */
  static boolean isFinished(Store store) {
    return store.read(DatabaseIndexes::load).catalog().all().stream()
        .noneMatch(IndexWork::isUnfinished);
  }

  private static boolean isUnfinished(IndexHandle handle) {
    return handle.state() == IndexState.BUILDING || handle.state() == IndexState.DROPPING;
  }

  /** Creates the defined indexes that are missing, as in a database of an earlier version. */
  void create() {
    store.write(
        transaction -> {
          DatabaseIndexes indexes = DatabaseIndexes.load(transaction);
          indexes.requireKnownVersions(store.name());
          if (indexes.isOutdated()) {
            IndexObserver.correct(transaction, indexes);
          }
          return indexes;
        });
  }

  /** Builds or clears the first unfinished index; returns whether there was one. */
  boolean step() {
    DatabaseIndexes indexes = store.read(DatabaseIndexes::load);
    Optional<IndexHandle> unfinished =
        indexes.catalog().all().stream()
            .filter(IndexWork::isUnfinished)
            .filter(handle -> isKnown(indexes, handle))
            .findFirst();
    unfinished.ifPresent(
        index -> {
          if (index.state() == IndexState.DROPPING) {
            clear(index);
          } else {
            build(index, indexes);
          }
        });
    return unfinished.isPresent();
  }

  /** Whether this version can build an index. The others are dropped by the next edit. */
  private static boolean isKnown(DatabaseIndexes indexes, IndexHandle handle) {
    return handle.state() == IndexState.DROPPING
        || indexes.columns(handle.signature()).isPresent();
  }

  private void clear(IndexHandle index) {
    IndexClear clear = new IndexClear(store, DatabaseIndexes.SPACE, index.number());
    boolean more = true;
    while (more && !cancelled.getAsBoolean()) {
      more = clear.step();
    }
  }

  private void build(IndexHandle index, DatabaseIndexes indexes) {
    Reports reports = new Reports(indexes.designDocument(index), index.progress());
    IndexBuild<?> build =
        new IndexBuild<>(
            store, DatabaseIndexes.SPACE, index.number(), new DocumentSource(indexes, atOnceMax));
    while (!cancelled.getAsBoolean()) {
      switch (build.step()) {
        case IndexBuild.Step.More(IndexHandle.Progress made) -> reports.report(made);
        case IndexBuild.Step.Done done -> {
          reports.end();
          log(System.Logger.Level.DEBUG, index, "was built");
          return;
        }
        case IndexBuild.Step.Failed(String problem) -> {
          log(System.Logger.Level.INFO, index, "was not built: " + problem);
          return;
        }
      }
    }
  }

  /** Reports the progress of one build. */
  private final class Reports {
    private final String designDocument;
    private long before;
    private long total;

    Reports(String designDocument, Optional<IndexHandle.Progress> begun) {
      this.designDocument = designDocument;
      this.before = begun.map(IndexHandle.Progress::done).orElse(0L);
      begun.ifPresent(this::report);
    }

    void report(IndexHandle.Progress made) {
      total = Math.max(made.done(), made.estimate());
      progress.at(designDocument, before, made.done(), total);
      before = made.done();
    }

    /** Reports all documents as done: the last batch does not say how many it had. */
    void end() {
      progress.at(designDocument, before, total, total);
    }
  }

  private void log(System.Logger.Level level, IndexHandle index, String what) {
    LOG.log(
        level,
        "Index {0} of {1} {2}",
        Integer.toString(index.number()),
        store.name(),
        what);
  }
}
