package io.divan.query.index;

import io.divan.document.EditHooks;
import java.util.List;
import java.util.function.Consumer;

/** The hooks that keep the indexes of databases in the transactions that change documents. */
public final class IndexHooks {

  /**
   * Keeps indexes without building new ones, for a process that edits and ends. An instance of the
   * service builds them when it opens the database.
   */
  public static final EditHooks WITHOUT_BUILDS = of(database -> {});

  private IndexHooks() {}

  /**
   * Returns the hooks.
   *
   * @param indexesChanged receives the name of a database of which a transaction creates or drops
   *     an index; it may yet fail
   */
  static EditHooks of(Consumer<String> indexesChanged) {
    return new EditHooks(List.of(), List.of(), List.of(IndexObserver.source(indexesChanged)));
  }
}
