package io.divan.storage.sqlite;

import io.divan.storage.embedded.SingleWriter;
import io.divan.storage.embedded.StampClock;
import io.divan.storage.embedded.WatchRegistry;

/** Creates the groups of one database. */
final class SqliteEngine implements SingleWriter.Engine, SqliteGroup.End {

  /** The steps that differ between files and pages. */
  interface Hooks {
    /** Writes a number that is at least every versionstamp, in the transaction or before it. */
    void writeStampCeiling(SqliteConnection writer, long ceiling);

    /** Called after a commit. A failure makes only the connection fail, not the commit. */
    void committed(SqliteConnection writer);
  }

  private final Connections connections;
  private final WatchRegistry registry;
  private final StampClock stamps;
  private final Hooks hooks;
  private boolean borrowed;

  /**
   * Makes the engine.
   *
   * @param hooks what is done besides
   */
  SqliteEngine(
      Connections connections,
      WatchRegistry registry,
      StampClock stamps,
      Hooks hooks) {
    this.connections = connections;
    this.registry = registry;
    this.stamps = stamps;
    this.hooks = hooks;
  }

  @Override
  public SqliteGroup begin() {
    SqliteConnection writer = connections.borrowWriter();
    borrowed = true;
    try {
      return new SqliteGroup(writer, registry, stamps, connections, this);
    } catch (RuntimeException | Error e) {
      failed();
      throw e;
    }
  }

  @Override
  public void failed() {
    if (borrowed) {
      borrowed = false;
      connections.discardWriter();
    }
  }

  @Override
  public void writeStampCeiling(SqliteConnection writer, long ceiling) {
    hooks.writeStampCeiling(writer, ceiling);
  }

  @Override
  public void committed(SqliteConnection writer) {
    try {
      hooks.committed(writer);
    } catch (RuntimeException e) {
      // The commit stands. The connection remains failed, so the next group opens another one.
    }
  }

  @Override
  public void groupEnds() {
    borrowed = false;
    connections.returnWriter();
  }
}
