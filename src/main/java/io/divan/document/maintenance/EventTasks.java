package io.divan.document.maintenance;

import io.divan.background.BackgroundTask;
import io.divan.background.BackgroundTasks;
import io.divan.background.TaskRun;
import io.divan.document.DatabaseEvents;
import io.divan.storage.StorageException;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Keeps the events of databases complete. Compares them with the existing databases at start, and
 * then writes the events of updated databases every second. Closing writes the last updates.
 */
public final class EventTasks implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(EventTasks.class.getName());
  private static final Duration PERIOD = Duration.ofSeconds(1);

  private record EventTask(String type, boolean needsLease, Consumer<TaskRun> work)
      implements BackgroundTask {

    @Override
    public String subject() {
      return "";
    }

    @Override
    public void run(TaskRun run) {
      work.accept(run);
    }
  }

  private final DatabaseEvents events;
  private final BackgroundTasks.Handle flushing;

  /** Starts the tasks. */
  public EventTasks(DatabaseEvents events, BackgroundTasks tasks) {
    this.events = events;
    tasks.submit(new EventTask("database_events", true, run -> events.reconcile()));
    // Each instance writes the updates that it has seen itself, so this needs no lease.
    flushing =
        tasks.repeat(PERIOD, new EventTask("database_updates", false, run -> events.flush()));
  }

  @Override
  public void close() {
    flushing.cancel();
    try {
      events.flush();
    } catch (StorageException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "The events of the last updates were not written; _db_updates may miss them",
          e);
    }
  }
}
