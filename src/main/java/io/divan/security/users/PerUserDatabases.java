package io.divan.security.users;

import io.divan.background.BackgroundTask;
import io.divan.background.BackgroundTasks;
import io.divan.background.TaskRun;
import io.divan.document.Changes;
import io.divan.document.Database;
import io.divan.document.Databases;
import io.divan.document.Principal;
import io.divan.document.revision.Sequence;
import io.divan.storage.Limits;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.Table;
import io.divan.storage.tuple.TupleReader;
import io.divan.storage.tuple.TupleWriter;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives each user a database, while the settings ask for it.
 *
 * <ol>
 *   <li>A periodic task follows the changes of {@code _users}. Its lease lets one instance at a
 *       time work.
 *   <li>The system store keeps the sequence of the last change that was handled, so the task
 *       continues there after a stop or crash. A change may be handled twice; that has no effect.
 *   <li>The sequence belongs to one incarnation of {@code _users} and to one choice of prefix and
 *       deletion. If any of them changes, the task begins with the first change again, as CouchDB
 *       does.
 *   <li>A user whose database cannot be created or changed is retried {@value #ATTEMPTS_MAX} times,
 *       then skipped with an error in the log. If the storage is unavailable, the task waits.
 * </ol>
 */
final class PerUserDatabases implements AutoCloseable {

  /** The table of the last handled change, in the system store. */
  static final Table TABLE = new Table(39, "per_user_databases");

  private static final Logger LOG = LoggerFactory.getLogger(PerUserDatabases.class);
  private static final byte[] STATE = new TupleWriter().add("state").toBytes();
  private static final Duration PERIOD = Duration.ofSeconds(1);
  private static final int CHANGES_MAX = 100;
  private static final int ATTEMPTS_MAX = 5;

  /**
   * The progress of the task.
   *
   * @param uuid the incarnation of {@code _users} to which the sequence belongs
   */
  private record State(String uuid, String prefix, boolean deleteDatabases, Sequence sequence) {

    static State decode(byte[] row) {
      TupleReader reader = new TupleReader(row);
      String uuid = reader.nextString();
      String prefix = reader.nextString();
      boolean deletes = reader.nextLong() == 1;
      Sequence sequence = Sequence.parse(reader.nextString()).orElse(Sequence.ZERO);
      return new State(uuid, prefix, deletes, sequence);
    }

    byte[] encode() {
      return new TupleWriter()
          .add(uuid)
          .add(prefix)
          .add(deleteDatabases ? 1 : 0)
          .add(sequence.toString())
          .toBytes();
    }

    State at(Sequence other) {
      return new State(uuid, prefix, deleteDatabases, other);
    }

    /** Whether another state continues this one. */
    boolean isContinuedBy(State other) {
      return at(other.sequence).equals(other);
    }
  }

  private final Databases databases;
  private final Supplier<Store> system;
  private final BackgroundTasks tasks;
  private final PerUserSettings settings;
  private final UserDatabases userDatabases;
  private Optional<BackgroundTasks.Handle> running = Optional.empty();
  private boolean closed;
  private Sequence failing = Sequence.ZERO;
  private int attempts;

  /**
   * Creates the task, which {@link #follow} starts.
   *
   * @param system opens the system store
   */
  PerUserDatabases(
      Databases databases,
      Supplier<Store> system,
      BackgroundTasks tasks,
      PerUserSettings settings) {
    this.databases = databases;
    this.system = system;
    this.tasks = tasks;
    this.settings = settings;
    this.userDatabases = new UserDatabases(databases);
  }

  /** Starts or stops the task, as the settings ask. */
  synchronized void follow() {
    boolean enabled = settings.enabled().get() && !closed;
    if (enabled && running.isEmpty()) {
      running = Optional.of(tasks.repeat(PERIOD, new Task()));
    } else if (!enabled) {
      stop();
    }
  }

  /** Stops the task for good. */
  @Override
  public synchronized void close() {
    closed = true;
    stop();
  }

  private void stop() {
    running.ifPresent(BackgroundTasks.Handle::cancel);
    running = Optional.empty();
  }

  private final class Task implements BackgroundTask {

    @Override
    public String type() {
      return "per_user_databases";
    }

    @Override
    public String subject() {
      return "";
    }

    @Override
    public void run(TaskRun run) {
      Database users;
      try {
        users = databases.open(UsersDatabase.NAME, Principal.SERVER_ADMIN);
      } catch (StorageException.DatabaseNotFound e) {
        return; // there are no users
      }
      catchUp(run, users);
    }
  }

  private void catchUp(TaskRun run, Database users) {
    State wanted =
        new State(
            users.info().uuid(),
            settings.prefix().get(),
            settings.deleteDatabases().get(),
            Sequence.ZERO);
    State state =
        system
            .get()
            .read(transaction -> transaction.get(TABLE, STATE))
            .map(State::decode)
            .filter(wanted::isContinuedBy)
            .orElse(wanted);
    Changes changes = users.changes(new Changes.Query(false, false, false, false));
    boolean atEnd = false;
    while (!atEnd && !run.isCancelled()) {
      Changes.Batch batch = changes.read(state.sequence(), CHANGES_MAX, false);
      state = handle(run, state, batch);
      atEnd = batch.atEnd();
    }
  }

  /** Handles a batch of changes and records the progress, also when one of them fails. */
  private State handle(TaskRun run, State before, Changes.Batch batch) {
    State state = before;
    try {
      for (Changes.Change change : batch.changes()) {
        if (run.isCancelled()) {
          return state;
        }
        handle(state, change);
        state = state.at(change.sequence());
      }
      return state;
    } finally {
      if (!state.equals(before)) {
        save(run, state);
      }
    }
  }

  private void save(TaskRun run, State state) {
    system
        .get()
        .write(
            transaction -> {
              run.fence(transaction);
              transaction.put(TABLE, STATE, state.encode());
              return state;
            });
  }

  private void handle(State state, Changes.Change change) {
    Optional<String> user = UserIds.name(change.id());
    if (user.isEmpty()) {
      return;
    }
    Optional<String> database = UserDatabases.nameOf(state.prefix(), user.get());
    if (database.isEmpty()) {
      LOG.warn(
          "The user of the document {} gets no database, because the name contains control"
              + " characters: choose another name",
          quoted(change.id()));
      return;
    }
    try {
      handle(state, change.deleted(), database.get(), user.get());
    } catch (StorageException.LimitExceeded e) {
      if (e.limit() != Limits.Limit.DATABASE_NAME) {
        retryOrSkip(change, e);
        return;
      }
      LOG.warn(
          "The user of the document {} gets no database, because its name would be too long:"
              + " choose a shorter user name or a shorter divan.per-user-databases.prefix",
          quoted(change.id()));
    } catch (StorageException.StoreUnavailable | StorageException.Conflict e) {
      throw e; // the task is retried until the storage works again
    } catch (StorageException e) {
      retryOrSkip(change, e);
    }
  }

  private void handle(State state, boolean deleted, String database, String user) {
    if (!deleted) {
      userDatabases.create(database, user);
    } else if (state.deleteDatabases()) {
      userDatabases.delete(database);
    } else {
      userDatabases.removeUser(database, user);
    }
  }

  /** Rethrows a failure, so that the task is retried, until there were too many. */
  private void retryOrSkip(Changes.Change change, StorageException failure) {
    attempts = failing.equals(change.sequence()) ? attempts + 1 : 1;
    failing = change.sequence();
    if (attempts < ATTEMPTS_MAX) {
      throw failure;
    }
    LOG.error(
        "The database of the user of the document {} could not be created or changed in {}"
            + " attempts, so this change is skipped: remove the cause and save the document again",
        quoted(change.id()),
        attempts,
        failure);
  }

  /** An id for the log: in quotation marks, without control characters. */
  private static String quoted(String id) {
    return '"' + id.replaceAll("[\\p{Cntrl}\"]", "?") + '"';
  }
}
