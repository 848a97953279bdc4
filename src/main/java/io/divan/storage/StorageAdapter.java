package io.divan.storage;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A storage backend: the databases of one service, one {@link Store} each. One per process; safe
 * for use by many threads.
 */
public interface StorageAdapter extends AutoCloseable {

  /** The names of databases, ordered. */
  List<String> list(NameRange range);

  /**
   * Creates a database together with what {@code initialWork} writes: nobody ever sees one without
   * the other. Of two that create the same name at once, one succeeds.
   *
   * @throws StorageException.DatabaseExists when there is one of that name
   * @throws StorageException.LimitExceeded when the name is too long
   */
  Store create(String name, Consumer<WriteTransaction> initialWork);

  /**
   * The store of a database. Cheap: adapters keep stores open and close idle ones by themselves.
   * Two handles are equal when they belong to the same incarnation: what layers cache for one is
   * found by it.
   *
   * @throws StorageException.DatabaseNotFound when there is none of that name
   */
  Store open(String name);

  /**
   * A handle that was good lately, without asking whether it still is. Its first transaction throws
   * {@link StorageException.DatabaseNotFound} when its incarnation is gone, and only {@link #open}
   * tells whether there is another. Nothing where {@code open} costs no round trip, or has not
   * found this database lately.
   */
  default Optional<Store> known(String name) {
    return Optional.empty();
  }

  /**
   * Deletes a database. Transactions under way on it fail with
   * {@link StorageException.DatabaseNotFound} or have committed before.
   *
   * @throws StorageException.DatabaseNotFound when there is none of that name
   */
  void delete(String name);

  /** The hidden store of what belongs to the server; always there, never listed. */
  Store system();

  /**
   * One cheap real read.
   *
   * @throws StorageException when the backend cannot serve
   */
  void checkHealth();

  /**
   * What the backend says of its own state, where it is a cluster that has one. Does not throw when
   * the backend cannot serve; takes about a second at most.
   */
  default Optional<StatusReport> status() {
    return Optional.empty();
  }

  /**
   * Ends the adapter: work under way either ends as it would have or throws
   * {@link StorageException.StoreUnavailable}, as everything after does.
   */
  @Override
  void close();
}
