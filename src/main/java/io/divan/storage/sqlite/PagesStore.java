package io.divan.storage.sqlite;

import io.divan.storage.Capability;
import io.divan.storage.Store;
import io.divan.storage.embedded.OpenStores;
import io.divan.storage.embedded.StampClock;
import io.divan.storage.layer.LayerRows;
import io.divan.storage.sqlite.pages.SqlitePages;
import java.time.Duration;
import java.util.Optional;

/** A handle on one incarnation of a database whose pages are in a base store. */
final class PagesStore extends ConnectionsStore {

  /** State shared by the stores of an adapter. */
  record Shared(
      SqlitePages.Shared pages,
      Duration ownerWait,
      Threads threads,
      OpenStores openStores) {}

  private final Store base;

  PagesStore(Store base, Shared shared, StampClock stamps) {
    super(
        base.name(),
        new Connections(
            "The SQLite database " + base.name(),
            new PagesSource(base, shared.pages(), shared.ownerWait()),
            stamps,
            shared.openStores()),
        shared.threads(),
        stamps);
    this.base = base;
  }

  /** Writes the number next to the pages, where it survives a deletion until it is copied. */
  @Override
  public void writeStampCeiling(SqliteConnection connection, long ceiling) {
    LayerRows.raiseCeiling(base, ceiling);
  }

  @Override
  public void committed(SqliteConnection connection) {
    // The base has made it durable.
  }

  @Override
  public long sizeBytes() {
    connections.checkNotRetired();
    return base.sizeBytes();
  }

  /** Shrinks the base only, because SQLite reuses its own free pages. */
  @Override
  public <C extends Capability> Optional<C> capability(Class<C> type) {
    return type == Capability.Shrinking.class ? base.capability(type) : super.capability(type);
  }
}
