package io.divan.document.maintenance;

import io.divan.background.BackgroundTask;
import io.divan.background.BackgroundTasks;
import io.divan.background.TaskRun;
import io.divan.document.CommitListener;
import io.divan.document.Database;
import io.divan.document.rows.Stats;
import io.divan.document.rows.Tables;
import io.divan.storage.Capability;
import io.divan.storage.ReadTransaction;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Compacts databases in the background, on request and when edits have left enough old bytes. A
 * database has at most one compaction at a time. A compaction ends early if the database is deleted
 * or the service stops; the next one does the rest. Safe for use by many threads.
 */
public final class Compactions implements CommitListener.Factory {
  private static final System.Logger LOG = System.getLogger(Compactions.class.getName());

  /** The old bytes that edits leave before the counters of the database are read. */
  private static final long LOOK_BYTES = 16_000_000;

  /** The minimum size of non-leaf bodies for a compaction without a request, in bytes. */
  private static final long BACKGROUND_BYTES = 64_000_000;

  /** The waiting or running compaction of one database. */
  private final class Job implements BackgroundTask {
    private final Store store;

    /** Whether the compaction was requested; otherwise the counters decide. */
    private boolean requested;

    /** Whether the compaction has begun: it is requested, or the counters call for it. */
    private boolean working;

    Job(Store store, boolean requested) {
      this.store = store;
      this.requested = requested;
      this.working = requested;
    }

    @Override
    public String type() {
      return "database_compaction";
    }

    @Override
    public String subject() {
      return store.name();
    }

    @Override
    public void run(TaskRun run) {
      boolean done = false;
      while (!done && !run.isCancelled()) {
        boolean wanted = isRequested();
        try {
          compact(wanted, run);
        } catch (StorageException.DatabaseNotFound e) {
          return; // the database was deleted
        }
        done = finish(wanted);
      }
    }

    private boolean isRequested() {
      synchronized (jobs) {
        return requested;
      }
    }

    /** Ends the job, unless a compaction was requested while the job ran without one. */
    private boolean finish(boolean wasRequested) {
      synchronized (jobs) {
        if (requested && !wasRequested) {
          return false;
        }
        jobs.remove(store, this);
        return true;
      }
    }

    @Override
    public void ended() {
      synchronized (jobs) {
        jobs.remove(store, this);
      }
    }

    private void compact(boolean wanted, TaskRun run) {
      if (!wanted && !isWorthIt(store)) {
        return;
      }
      synchronized (jobs) {
        working = true;
      }
      long begun = System.nanoTime();
      long before = store.sizeBytes();
      long documents = store.read(Compactions::documents);
      run.progress(0, documents);
      Compaction compaction =
          new Compaction(
              store,
              run::isCancelled,
              done -> run.progress(done, Math.max(done, documents)),
              clock);
      compaction.run();
      if (compaction.leavesBlobs()) {
        leavesBlobs.accept(store);
      }
      if (wanted) {
        store.capability(Capability.Shrinking.class).ifPresent(files -> shrink(files, run));
      }
      log(store, compaction, before, Duration.ofNanos(System.nanoTime() - begun));
    }
  }

  /** Shrinks the files step by step. Writers continue between the steps. */
  private static void shrink(Capability.Shrinking files, TaskRun run) {
    boolean more = true;
    while (more && !run.isCancelled()) {
      more = files.shrink();
    }
  }

  private final BackgroundTasks tasks;
  private final InstantSource clock;
  private final Consumer<Store> leavesBlobs;

  /** The waiting and running compactions; also the lock that guards them. */
  private final Map<Store, Job> jobs = new HashMap<>();

  /**
   * Runs compactions as background tasks.
   *
   * @param leavesBlobs called after a compaction that left blobs without a document
   */
  public Compactions(
      BackgroundTasks tasks, InstantSource clock, Consumer<Store> leavesBlobs) {
    this.tasks = tasks;
    this.clock = clock;
    this.leavesBlobs = leavesBlobs;
  }

  /**
   * Compacts a database in the background: removes the bodies of non-leaf revisions, and then
   * returns free space in the engine's files to the file system. Returns at once. A compaction that
   * is already requested is not requested twice.
   *
   * @throws StorageException.StoreUnavailable if too many databases wait to be compacted
   */
  public void start(Database database) {
    if (!submit(database.store(), true)) {
      throw new StorageException.StoreUnavailable(
          "Too many databases wait to be compacted: request the compaction of " + database.name()
              + " again later");
    }
  }

  /**
   * Considers a compaction each time edits have added {@value #LOOK_BYTES} bytes of non-leaf
   * bodies.
   */
  @Override
  public CommitListener listenerOf(Store store) {
    AtomicLong grown = new AtomicLong();
    return commit -> {
      long nonLeafBytes = commit.nonLeafBytes();
      if (nonLeafBytes > 0 && grown.addAndGet(nonLeafBytes) >= LOOK_BYTES) {
        grown.set(0);
        submit(store, false); // if too many wait, later edits try again
      }
    };
  }

  private boolean submit(Store store, boolean requested) {
    synchronized (jobs) {
      Job known = jobs.get(store);
      if (known != null) {
        known.requested |= requested;
        known.working |= requested;
        return true;
      }
      Job job = new Job(store, requested);
      jobs.put(store, job);
      if (tasks.submit(job).isEmpty()) {
        jobs.remove(store);
        return false;
      }
      return true;
    }
  }

  /** Returns whether this process compacts a database, or will because of a request. */
  public boolean isRunning(Database database) {
    synchronized (jobs) {
      Job job = jobs.get(database.store());
      return job != null && job.working;
    }
  }

  private static void log(Store store, Compaction compaction, long before, Duration took) {
    LOG.log(
        System.Logger.Level.INFO,
        "Compacted {0}: {1} documents examined, {2} bytes of bodies removed, file {3} to {4} bytes,"
            + " {5} s, {6} documents/s",
        store.name(),
        Long.toString(compaction.documents()),
        Long.toString(compaction.removedBytes()),
        Long.toString(before),
        Long.toString(store.sizeBytes()),
        Double.toString(took.toMillis() / 1_000.0),
        Long.toString(compaction.documents() * 1_000 / Math.max(1, took.toMillis())));
  }

  private static long documents(ReadTransaction transaction) {
    long[] counts =
        Stats.counters(transaction, List.of(Tables.DOC_COUNT, Tables.DOC_DEL_COUNT));
    return counts[0] + counts[1];
  }

  private static boolean isWorthIt(Store store) {
    return store.read(
        transaction -> {
          if (transaction.get(Tables.METADATA, Tables.OLD_BYTES_KNOWN).isEmpty()) {
            return true;
          }
          long old = Stats.counter(transaction.get(Tables.STATS, Tables.SIZE_OLD));
          long active = Stats.counter(transaction.get(Tables.STATS, Tables.SIZE_ACTIVE));
          return old > BACKGROUND_BYTES && old > active;
        });
  }
}
