package io.divan.storage.sqlite;

import io.divan.storage.embedded.BaseGroup;
import io.divan.storage.embedded.StampClock;
import io.divan.storage.embedded.WatchRegistry;

/** One SQLite transaction, shared by the members of a group commit. */
final class SqliteGroup extends BaseGroup {

  /** What follows the end of a group. */
  interface End {
    /** Writes a number that is at least every versionstamp of the database. */
    default void writeStampCeiling(SqliteConnection connection, long ceiling) {
      SqliteFileRows.STAMP.write(connection, ceiling);
    }

    /** Called when the group is durable and visible. Must not throw. */
    void committed(SqliteConnection connection);

    /** Called when the group and its transaction have ended. */
    void groupEnds();
  }

  final SqliteConnection connection;
  private final boolean durable;
  private final End end;

  /**
   * Begins a transaction.
   *
   * @param durable whether the commit syncs
   */
  SqliteGroup(
      SqliteConnection connection,
      WatchRegistry registry,
      StampClock stamps,
      CommitGate gate,
      boolean durable,
      End end) {
    super(registry, stamps, gate);
    this.connection = connection;
    this.durable = durable;
    this.end = end;
    connection.syncCommits(durable);
    connection.execute("BEGIN IMMEDIATE");
  }

  @Override
  public SqliteWriteTransaction begin() {
    return new SqliteWriteTransaction(this);
  }

  @Override
  protected long committedConfigVersion() {
    return SqliteFileRows.CONFIG_VERSION.read(connection);
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
  protected boolean isDurable() {
    return durable;
  }

  @Override
  protected void endAfterCommit() {
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
