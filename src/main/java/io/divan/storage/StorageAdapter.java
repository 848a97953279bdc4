package io.divan.storage;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * An open storage backend: the databases of one service, one {@link Store} each. The service opens
 * one; layers and the command {@code copy} open more.
 * Safe for use by many threads.
 *
 * <p>After {@link #close()} every read, write, creation and deletion throws {@link
 * StorageException.StoreUnavailable}.
 */
public interface StorageAdapter extends AutoCloseable {

  /** The names of the databases within a range, in the order of their UTF-8 bytes. */
  List<String> list(NameRange range);

  /**
   * Creates a database together with what {@code initialWork} writes. Both become visible and
   * durable at once: no reader, and no restart after a crash, finds the database without these
   * rows. Of two concurrent calls with one name, one succeeds. The work may run more than once.
   *
   * @throws StorageException.DatabaseExists if a database of that name exists
   * @throws StorageException.LimitExceeded if the name is too long
   */
  Store create(String name, Consumer<WriteTransaction> initialWork);

  /**
   * Returns the store of a database. Callers open stores often and never close them: the adapter
   * keeps files open and closes idle ones by itself. Handles of one incarnation are equal, so that
   * callers can cache what they know of it.
   *
   * @throws StorageException.DatabaseNotFound if no database has that name
   */
  Store open(String name);

  /**
   * Deletes a database. A transaction that is running on it either has committed before, or throws
   * {@link StorageException.DatabaseNotFound}. Versionstamps of a later database of the same name
   * are greater than all of this one.
   *
   * @throws StorageException.DatabaseNotFound if no database has that name
   */
  void delete(String name);

  /** The hidden store for the server's own rows. It always exists, and is never listed. */
  Store system();

  /**
   * Does one cheap real read.
   *
   * @throws StorageException if the backend cannot serve
   */
  void checkHealth();

  /**
   * Closes the adapter. Transactions that are running either end normally or throw {@link
   * StorageException.StoreUnavailable}. Watches fire. Closing again does nothing.
   */
  @Override
  void close();

  /**
   * Returns the capability of this type, or empty if the adapter lacks it. A decorator returns
   * those of the adapter below with its own rules applied.
   */
  default <C extends Capability> Optional<C> capability(Class<C> type) {
    return type.isInstance(this) ? Optional.of(type.cast(this)) : Optional.empty();
  }
}
