package io.divan.storage.sqlite;

import io.divan.storage.SingleWriter;
import io.divan.storage.StampClock;
import io.divan.storage.StorageException;
import io.divan.storage.WatchRegistry;
import java.util.OptionalLong;

/** One SQLite transaction and what its members kept. */
final class SqliteGroup implements SingleWriter.Group {

  /** What a group ends with besides its transaction. */
  interface End {
    /** Lets a commit begin, or throws because the database is being deleted. */
    void commitBegins();

    /** Whoever waits for the commit's end may go on. */
    void commitEnds();

    /** The group is durable and visible; must not throw. */
    void committed(SqliteConnection connection);

    /** The group is over and its transaction too. */
    void groupEnds();
  }

  final SqliteConnection connection;
  final WatchRegistry registry;
  final StampClock stamps;
  private final End end;
  private final WatchRegistry.Touched touched = new WatchRegistry.Touched();
  private boolean wrote;
  private long version;

  /** Begins a transaction. */
  SqliteGroup(SqliteConnection connection, WatchRegistry registry, StampClock stamps, End end) {
    this.connection = connection;
    this.registry = registry;
    this.stamps = stamps;
    this.end = end;
    connection.execute("BEGIN IMMEDIATE");
  }

  @Override
  public SqliteWriteTransaction begin() {
    return new SqliteWriteTransaction(this);
  }

  /** Whether a member has kept writes: then the next one needs a savepoint. */
  boolean wrote() {
    return wrote;
  }

  /** A member's writes stay. */
  void kept(WatchRegistry.Touched keys, long memberVersion) {
    wrote = true;
    version = memberVersion;
    touched.add(keys);
  }

  @Override
  public void commit() {
    OptionalLong ceiling = stamps.raisedCeiling(version);
    try {
      ceiling.ifPresent(value -> EngineRows.STAMP.write(connection, value));
      end.commitBegins();
      try {
        connection.execute("COMMIT");
      } finally {
        end.commitEnds();
      }
    } catch (StorageException.StoreFull | StorageException.DatabaseNotFound e) {
      abort();
      throw e;
    }
    ceiling.ifPresent(stamps::ceilingIs);
    registry.committed(touched);
    end.committed(connection);
    end.groupEnds();
  }

  @Override
  public void abort() {
    if (wrote || connection.failure().isPresent()) {
      connection.rollbackIfAny();
    } else {
      connection.execute("ROLLBACK");
    }
    end.groupEnds();
  }
}
