package io.divan.storage.sqlite;

import io.divan.storage.Capability;
import io.divan.storage.Store;
import io.divan.storage.embedded.OpenStores;
import io.divan.storage.embedded.StampClock;
import io.divan.storage.layer.LayerRows;
import io.divan.storage.sqlite.pages.SqlitePages;
import java.time.Duration;
import java.util.Optional;

/** A database whose pages lie in a base store: the handle of one incarnation of it. */
final class PagesStore extends ConnectionsStore {

  /** What the stores of an adapter share. */
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

  /** The number lies beside the pages, where it outlives the database until it is noted. */
  @Override
  public void writeStampCeiling(SqliteConnection connection, long ceiling) {
    LayerRows.raiseCeiling(base, ceiling);
  }

  @Override
  public void committed(SqliteConnection connection) {
    // The base has it.
  }

  @Override
  public long sizeBytes() {
    connections.checkNotRetired();
    return base.sizeBytes();
  }

  /** SQLite uses the pages that are free again; what the base can give back it gives. */
  @Override
  public <C extends Capability> Optional<C> capability(Class<C> type) {
    return type == Capability.Shrinking.class ? base.capability(type) : super.capability(type);
  }
}
