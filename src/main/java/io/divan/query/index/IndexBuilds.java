package io.divan.query.index;

import io.divan.background.BackgroundTask;
import io.divan.background.BackgroundTasks;
import io.divan.background.StoreJobs;
import io.divan.background.TaskRun;
import io.divan.document.CommitListener;
import io.divan.document.Database;
import io.divan.document.EditHooks;
import io.divan.query.index.DatabaseIndexes.Availability;
import io.divan.query.plan.IndexDefinition;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.Watch;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Keeps the indexes of databases: observes edits, and builds and clears indexes in the background.
 * A database has at most one task at a time. What a stopped instance leaves is continued by any
 * instance that opens the database. Safe for use by many threads.
 */
public final class IndexBuilds implements CommitListener.Factory, AutoCloseable {
  private static final System.Logger LOG = System.getLogger(IndexBuilds.class.getName());
  private static final Duration PERIOD = Duration.ofSeconds(10);

  /** The most databases to look at. Others are noticed by their next edit or query. */
  private static final int STORES_MAX = 10_000;

  /** Builds and clears the indexes of one database. */
  private final class Job extends StoreJobs.Job {
    /** Whether to create the indexes that are missing. Guarded by {@link #jobs}. */
    private boolean create;

    /** Whether the indexes may have changed since the job looked. Guarded by {@link #jobs}. */
    private boolean again;

    Job(Store store) {
      super(jobs, store);
    }

    @Override
    public String type() {
      return "indexer";
    }

    @Override
    public void run(TaskRun run) {
      Store store = store();
      IndexWork work =
          new IndexWork(
              store,
              run::isCancelled,
              (designDocument, before, done, total) -> {
                run.member("design_document", designDocument);
                run.progress(done, total);
                counts.built(store, before, done, total);
              });
      try {
        boolean more = true;
        while (more && !run.isCancelled()) {
          if (begin()) {
            work.create();
          }
          more = work.step() || !finish(() -> again || create);
        }
      } catch (StorageException.DatabaseNotFound e) {
        noticed.remove(store);
      } finally {
        counts.ended(store);
      }
    }

    private boolean begin() {
      synchronized (jobs) {
        boolean creates = create;
        create = false;
        again = false;
        return creates;
      }
    }

  }

  /** Looks for indexes that an instance left unfinished. */
  private final class Round implements BackgroundTask {
    @Override
    public String type() {
      return "index_round";
    }

    @Override
    public String subject() {
      return "";
    }

    @Override
    public boolean needsLease() {
      return false;
    }

    @Override
    public void run(TaskRun run) {
      for (Store store : noticed) {
        if (run.isCancelled()) {
          return;
        }
        look(store);
      }
    }
  }

  private final BackgroundTasks.Handle round;
  private final IndexCounts counts = new IndexCounts();

  private final StoreJobs<Job> jobs;

  /** The databases that may have unfinished indexes. */
  private final Set<Store> noticed = ConcurrentHashMap.newKeySet();

  /** The names of the databases whose indexes a transaction changes that may not be committed. */
  private final Set<String> changed = ConcurrentHashMap.newKeySet();

  /** Starts to look for unfinished indexes every {@code 10} seconds. */
  public IndexBuilds(BackgroundTasks tasks) {
    this.jobs = new StoreJobs<>(tasks);
    this.round = tasks.repeat(PERIOD, new Round());
  }

  /** Returns the hooks that keep the indexes, and request builds when their transactions commit. */
  public EditHooks hooks() {
    return IndexHooks.of(changed::add);
  }

  /** Returns the counts of the work for indexes, for meters. */
  IndexCounts counts() {
    return counts;
  }

  @Override
  public CommitListener listenerOf(Store store) {
    notice(store);
    return commit -> {
      counts.committed(commit.observedRows());
      if (!changed.isEmpty() && changed.remove(store.name())) {
        notice(store);
        request(store, false);
      }
    };
  }

  private void notice(Store store) {
    if (noticed.size() < STORES_MAX) {
      noticed.add(store);
    }
  }

  private void look(Store store) {
    try {
      if (IndexWork.isFinished(store)) {
        noticed.remove(store);
      } else {
        request(store, false);
      }
    } catch (StorageException.DatabaseNotFound e) {
      noticed.remove(store);
    } catch (StorageException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "The indexes of " + store.name() + " are looked at later",
          e);
    }
  }

  private void request(Store store, boolean create) {
    jobs.request( // if too many wait, the next round or query requests it again
        store,
        Job::new,
        job -> {
          job.again = true;
          job.create |= create;
        });
  }

  /**
   * Waits until an index is readable. Creates it first if it is missing.
   *
   * @return whether it is readable now
   */
  public boolean await(Database database, IndexDefinition definition, Duration atMost)
      throws InterruptedException {
    long end = System.nanoTime() + atMost.toNanos();
    while (true) {
      Seen seen = look(database, definition);
      try (Watch watch = seen.watch()) {
        long left = end - System.nanoTime();
        switch (seen.availability()) {
          case READABLE -> {
            return true;
          }
          case UNUSABLE -> {
            return false;
          }
          case BUILDING, MISSING -> {
            notice(database.store());
            request(database.store(), seen.availability() == Availability.MISSING);
          }
        }
        if (left <= 0 || !watch.await(Duration.ofNanos(left))) {
          return database.settings().derived(DatabaseIndexes.VALUE).availability(
              definition) == Availability.READABLE;
        }
      }
    }
  }

  /** Whether an index is readable, and a watch of what says so. */
  private record Seen(Availability availability, Watch watch) {}

  private static Seen look(Database database, IndexDefinition definition) {
    return database.read(
        transaction -> {
          DatabaseIndexes indexes =
              database.settings().derived(transaction, DatabaseIndexes.VALUE);
          byte[] key =
              indexes
                  .handle(definition)
                  .map(handle -> DatabaseIndexes.SPACE.key(0, "state", handle.number()))
                  .orElseGet(() -> DatabaseIndexes.SPACE.key(0, "next"));
          return new Seen(
              indexes.availability(definition),
              transaction.watch(DatabaseIndexes.SPACE.table(), key));
        });
  }

  @Override
  public void close() {
    round.cancel();
  }
}
