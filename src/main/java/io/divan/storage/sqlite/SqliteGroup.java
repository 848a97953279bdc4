package io.divan.storage.sqlite;

import io.divan.storage.embedded.StampClock;
import io.divan.storage.embedded.TreeGroup;
import io.divan.storage.embedded.WatchRegistry;

/** One SQLite transaction and what its members kept. */
final class SqliteGroup extends TreeGroup {

  /** What follows a group. */
  interface End {
    /** Writes a number that no versionstamp of the database exceeds. */
    default void writeStampCeiling(SqliteConnection connection, long ceiling) {
      EngineRows.STAMP.write(connection, ceiling);
    }

    /** The group is durable and visible; must not throw. */
    void committed(SqliteConnection connection);

    /** The group is over and its transaction too. */
    void groupEnds();
  }

  final SqliteConnection connection;
  private final End end;

  /** Begins a transaction. */
  SqliteGroup(
      SqliteConnection connection,
      WatchRegistry registry,
      StampClock stamps,
      Gate gate,
      End end) {
    super(registry, stamps, gate);
    this.connection = connection;
    this.end = end;
    connection.execute("BEGIN IMMEDIATE");
  }

  @Override
  public SqliteWriteTransaction begin() {
    return new SqliteWriteTransaction(this);
  }

  @Override
  protected void writeStampCeiling(long ceiling) {
    end.writeStampCeiling(connection, ceiling);
  }

  @Override
  protected void commitTransaction() {
    connection.execute("COMMIT");
  }

  @Override
  protected void committed() {
    end.committed(connection);
    end.groupEnds();
  }

  @Override
  public void abort() {
    if (wrote() || connection.failure().isPresent()) {
      connection.rollbackIfAny();
    } else {
      connection.execute("ROLLBACK");
    }
    end.groupEnds();
  }
}
