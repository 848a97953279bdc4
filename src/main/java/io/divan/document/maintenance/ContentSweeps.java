package io.divan.document.maintenance;

import io.divan.background.BackgroundTask;
import io.divan.background.BackgroundTasks;
import io.divan.background.TaskRun;
import io.divan.document.CommitListener;
import io.divan.document.attachment.ContentSweep;
import io.divan.document.attachment.ContentWriter;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Sweeps the databases that may have blobs without a document: those whose handles were opened, in
 * which uploads have begun, or which lost content. A database is left alone again once it has no
 * such blobs. Each instance sweeps what it has seen itself. Safe for use by many threads.
 */
public final class ContentSweeps implements CommitListener.Factory, AutoCloseable {
  private static final System.Logger LOG = System.getLogger(ContentSweeps.class.getName());
  private static final Duration PERIOD = Duration.ofMinutes(1);

  /** The most databases to look at. Those that find no room are noticed by their next upload. */
  private static final int STORES_MAX = 10_000;

  private final class Round implements BackgroundTask {
    @Override
    public String type() {
      return "attachment_sweep";
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
      sweep(run);
    }
  }

  private final InstantSource clock;
  private final BackgroundTasks.Handle round;

  /** The databases to look at, and when each may be left alone, in milliseconds since 1970. */
  private final Map<Store, Long> stores = new ConcurrentHashMap<>();

  /** Starts to sweep once a minute. */
  public ContentSweeps(BackgroundTasks tasks, InstantSource clock) {
    this.clock = clock;
    this.round = tasks.repeat(PERIOD, new Round());
  }

  @Override
  public CommitListener listenerOf(Store store) {
    notice(store, 0);
    return new CommitListener() {
      @Override
      public void committed(Commit commit) {
        if (commit.leavesBlobs()) {
          leavesBlobs(store);
        }
      }

      @Override
      public void uploading() {
        leavesBlobs(store);
      }
    };
  }

  /** Notices that blobs without a document are stored, or will be within their lease. */
  public void leavesBlobs(Store store) {
    notice(store, clock.millis() + ContentWriter.LEASE.toMillis());
  }

  private void notice(Store store, long until) {
    if (stores.size() < STORES_MAX || stores.containsKey(store)) {
      stores.merge(store, until, Math::max);
    }
  }

  private void sweep(TaskRun run) {
    for (Map.Entry<Store, Long> noticed : stores.entrySet()) {
      if (run.isCancelled()) {
        return;
      }
      sweep(noticed.getKey(), noticed.getValue(), run);
    }
  }

  private void sweep(Store store, long until, TaskRun run) {
    try {
      long now = clock.millis();
      ContentSweep.Swept swept = new ContentSweep(store, clock, run::isCancelled).run();
      if (swept.blobs() > 0) {
        LOG.log(
            System.Logger.Level.INFO,
            "Removed contents without a document from {0}: {1} contents, {2} bytes; {3} wait for"
                + " their leases to end",
            store.name(),
            Long.toString(swept.blobs()),
            Long.toString(swept.bytes()),
            Long.toString(swept.waiting()));
      }
      if (swept.waiting() == 0 && until <= now && !run.isCancelled()) {
        stores.remove(store, until); // unless it was noticed again
      }
    } catch (StorageException.DatabaseNotFound e) {
      stores.remove(store);
    } catch (StorageException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "Contents without a document stay in " + store.name() + " until the next sweep",
          e);
    }
  }

  @Override
  public void close() {
    round.cancel();
  }
}
