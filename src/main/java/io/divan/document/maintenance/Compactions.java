package io.divan.document.maintenance;

import io.divan.background.BackgroundTasks;
import io.divan.background.StoreJobs;
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
import java.util.List;
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
  private final class Job extends StoreJobs.Job {
    /** Whether the compaction was requested; otherwise the counters decide. */
    private boolean requested;

    /** Whether the compaction has begun: it is requested, or the counters call for it. */
    private boolean working;

    Job(Store store) {
      super(jobs, store);
    }

    @Override
    public String type() {
      return "database_compaction";
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
        done = finish(() -> requested && !wanted); // requested while it ran without a request
      }
    }

    private boolean isRequested() {
      synchronized (jobs) {
        return requested;
      }
    }

    private void compact(boolean wanted, TaskRun run) {
      Store store = store();
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

  private final InstantSource clock;
  private final Consumer<Store> leavesBlobs;

  private final StoreJobs<Job> jobs;

  /**
   * Runs compactions as background tasks.
   *
   * @param leavesBlobs called after a compaction that left blobs without a document
   */
  public Compactions(
      BackgroundTasks tasks, InstantSource clock, Consumer<Store> leavesBlobs) {
    this.jobs = new StoreJobs<>(tasks);
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
    return jobs.request(
        store,
        Job::new,
        job -> {
          job.requested |= requested;
          job.working |= requested;
        });
  }

  /** Returns whether this process compacts a database, or will because of a request. */
  public boolean isRunning(Database database) {
    synchronized (jobs) {
      return jobs.find(database.store()).filter(job -> job.working).isPresent();
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
