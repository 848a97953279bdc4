package io.divan.document.maintenance;

import io.divan.document.Database;

/** Compacts databases at once, for tests. */
public final class TestCompaction {

  private TestCompaction() {}

  /** Compacts a database before it returns. */
  public static void compact(Database database) {
    new Compaction(database.store(), () -> false, done -> {}).run();
  }
}
