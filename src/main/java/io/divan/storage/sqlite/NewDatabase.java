package io.divan.storage.sqlite;

import io.divan.storage.StorageException;
import io.divan.storage.TransactionListener;
import io.divan.storage.WatchRegistry;
import io.divan.storage.WriteTransaction;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Makes a database file together with its first transaction. It is written without syncs under a
 * name that nobody looks for; once complete it is synced as a whole and gets its own name. A crash
 * in between leaves a draft, which the next start removes.
 */
final class NewDatabase {

  /** Nobody else knows the file, so there is nobody to tell. */
  private static final SqliteGroup.End NOBODY =
      new SqliteGroup.End() {
        @Override
        public void commitBegins() {}

        @Override
        public void commitEnds() {}

        @Override
        public void committed(SqliteConnection connection) {}

        @Override
        public void groupEnds() {}
      };

  private NewDatabase() {}

  /** Makes the file; called on a platform thread. Nothing is left of it where this throws. */
  static void make(
      StoreFiles files,
      Path file,
      StampClock stamps,
      TransactionListener listener,
      Optional<String> trace,
      Consumer<WriteTransaction> initialWork) {
    long begun = System.nanoTime();
    long worked = begun;
    long bytes = 0;
    TransactionListener.Outcome outcome = TransactionListener.Outcome.ROLLED_BACK;
    try {
      bytes = write(StoreFiles.draft(file), stamps, initialWork);
      outcome = TransactionListener.Outcome.FAILED;
      worked = System.nanoTime();
      files.publish(file);
      outcome = TransactionListener.Outcome.DONE;
    } finally {
      if (outcome != TransactionListener.Outcome.DONE) {
        files.discard(file);
      }
      listener.finished(
          new TransactionListener.Report(
              trace,
              TransactionListener.Kind.WRITE,
              outcome,
              1,
              0,
              bytes,
              1,
              Duration.ZERO,
              Duration.ofNanos(worked - begun),
              Duration.ofNanos(System.nanoTime() - worked)));
    }
  }

  private static long write(
      Path draft, StampClock stamps, Consumer<WriteTransaction> initialWork) {
    WatchRegistry watches = new WatchRegistry(WatchRegistry.WATCHES_MAX);
    try (SqliteConnection connection =
        SqliteConnection.open(draft, SqliteConnection.Role.CREATOR)) {
      SqliteGroup group = new SqliteGroup(connection, watches, stamps, NOBODY);
      connection.execute(EngineRows.CREATE);
      EngineRows.FORMAT.write(connection, EngineRows.FORMAT_NOW);
      SqliteWriteTransaction transaction = group.begin();
      initialWork.accept(transaction);
      if (transaction.keep().isEmpty()) {
        group.kept(new WatchRegistry.Touched(), stamps.next());
      }
      group.commit();
      if (connection.checkpoint("TRUNCATE").logBytes() > 0) {
        throw new StorageException.StoreUnavailable(draft + " could not be completed");
      }
      return transaction.bytes();
    } finally {
      watches.close();
    }
  }
}
