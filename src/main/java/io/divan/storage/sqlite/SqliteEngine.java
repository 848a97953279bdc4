package io.divan.storage.sqlite;

import io.divan.storage.embedded.OpenStore;
import io.divan.storage.embedded.SingleWriter;
import io.divan.storage.embedded.StampClock;

/** The groups of one database file. */
final class SqliteEngine implements SingleWriter.Engine, SqliteGroup.End {

  /** What is not the same for files and for pages. */
  interface Hooks {
    /** Writes, in the transaction or before it, a number that no versionstamp exceeds. */
    void writeStampCeiling(SqliteConnection writer, long ceiling);

    /** A group was committed; a failure leaves the connection failed, and nothing else. */
    void committed(SqliteConnection writer);
  }

  private final Connections connections;
  private final StampClock stamps;
  private final Hooks hooks;
  private boolean borrowed;

  /**
   * Makes the engine.
   *
   * @param hooks what is done besides
   */
  SqliteEngine(Connections connections, StampClock stamps, Hooks hooks) {
    this.connections = connections;
    this.stamps = stamps;
    this.hooks = hooks;
  }

  @Override
  public SqliteGroup begin() {
    OpenStore<?> files = connections.files();
    SqliteConnection writer = connections.borrowWriter();
    borrowed = true;
    try {
      return new SqliteGroup(writer, files.watches(), stamps, files, this);
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
      // The commit stands; the connection stays failed, so the next group opens another one.
    }
  }

  @Override
  public void groupEnds() {
    borrowed = false;
    connections.returnWriter();
  }
}
