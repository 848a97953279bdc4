package io.divan.storage.sqlite;

import io.divan.storage.embedded.OpenStore;
import io.divan.storage.embedded.StampClock;
import io.divan.storage.embedded.WriterEngine;

/** Creates the groups of one database. */
final class SqliteEngine implements WriterEngine, SqliteGroup.End {

  /** The steps that differ between files and pages. */
  interface Hooks {
    /** Writes a number that is at least every versionstamp, in the transaction or before it. */
    void writeStampCeiling(SqliteConnection writer, long ceiling);

    /** Called after a commit. A failure makes only the connection fail, not the commit. */
    void committed(SqliteConnection writer);

    /** Returns whether commits can leave the sync to a later one. */
    default boolean hasUnsyncedCommits() {
      return false;
    }
  }

  private final Connections connections;
  private final StampClock stamps;
  private final Hooks hooks;
  private boolean borrowed;

  /**
   * Creates an engine.
   *
   * @param hooks the steps specific to files or pages
   */
  SqliteEngine(Connections connections, StampClock stamps, Hooks hooks) {
    this.connections = connections;
    this.stamps = stamps;
    this.hooks = hooks;
  }

  @Override
  public SqliteGroup begin() {
    return begin(true);
  }

  @Override
  public SqliteGroup beginUnsynced() {
    return begin(!hooks.hasUnsyncedCommits());
  }

  private SqliteGroup begin(boolean durable) {
    OpenStore<?> files = connections.files();
    SqliteConnection writer = connections.borrowWriter();
    borrowed = true;
    try {
      return new SqliteGroup(writer, files.watches(), stamps, files, durable, this);
    } catch (RuntimeException | Error e) {
      closeAfterFailure();
      throw e;
    }
  }

  @Override
  public void closeAfterFailure() {
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
