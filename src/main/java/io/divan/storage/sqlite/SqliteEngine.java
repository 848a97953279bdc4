package io.divan.storage.sqlite;

import io.divan.storage.SingleWriter;
import io.divan.storage.StampClock;
import io.divan.storage.WatchRegistry;
import java.util.function.Consumer;

/** The groups of one database file. */
final class SqliteEngine implements SingleWriter.Engine, SqliteGroup.End {
  private final Connections connections;
  private final WatchRegistry registry;
  private final StampClock stamps;
  private final Consumer<SqliteConnection.Checkpoint> log;
  private boolean borrowed;

  /**
   * Makes the engine.
   *
   * @param log hears of the log after each commit; must not throw
   */
  SqliteEngine(
      Connections connections,
      WatchRegistry registry,
      StampClock stamps,
      Consumer<SqliteConnection.Checkpoint> log) {
    this.connections = connections;
    this.registry = registry;
    this.stamps = stamps;
    this.log = log;
  }

  @Override
  public SqliteGroup begin() {
    SqliteConnection writer = connections.borrowWriter();
    borrowed = true;
    return new SqliteGroup(writer, registry, stamps, connections, this);
  }

  @Override
  public void failed() {
    if (borrowed) {
      borrowed = false;
      connections.discardWriter();
    }
  }

  @Override
  public void committed(SqliteConnection writer) {
    try {
      log.accept(writer.checkpoint("NOOP"));
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
