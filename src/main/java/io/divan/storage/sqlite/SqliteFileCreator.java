package io.divan.storage.sqlite;

import io.divan.storage.StorageException;
import io.divan.storage.WriteTransaction;
import io.divan.storage.embedded.BaseGroup;
import io.divan.storage.embedded.StampClock;
import io.divan.storage.embedded.WatchRegistry;
import java.nio.file.Path;
import java.util.function.Consumer;

/** Creates a database file together with its first transaction, without syncs. */
final class SqliteFileCreator {

  /** Does nothing, because no other transaction uses the file yet. */
  private static final SqliteGroup.End NO_OP =
      new SqliteGroup.End() {
        @Override
        public void committed(SqliteConnection connection) {}

        @Override
        public void groupEnds() {}
      };

  private SqliteFileCreator() {}

  /** Creates the file, on a platform thread. Returns the size of what the work wrote, in bytes. */
  static long write(Path draft, StampClock stamps, Consumer<WriteTransaction> initialWork) {
    WatchRegistry watches = new WatchRegistry(WatchRegistry.WATCHES_MAX);
    try (SqliteConnection connection =
        SqliteConnection.open(draft, SqliteConnection.Role.CREATOR)) {
      SqliteGroup group =
          new SqliteGroup(connection, watches, stamps, BaseGroup.CommitGate.OPEN, true, NO_OP);
      connection.execute(SqliteFileRows.CREATE);
      SqliteFileRows.FORMAT.write(connection, SqliteFileRows.FORMAT_NOW);
      long bytes = group.commitInitial(initialWork);
      if (connection.checkpoint("TRUNCATE").logBytes() > 0) {
        throw new StorageException.StoreUnavailable(
            "The log of the new file " + draft + " could not be copied into it: try again");
      }
      return bytes;
    } finally {
      watches.close();
    }
  }
}
