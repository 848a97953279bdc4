package io.divan.storage.leveldb;

import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import java.io.File;
import java.io.IOException;
import org.iq80.leveldb.DB;
import org.iq80.leveldb.DBException;
import org.iq80.leveldb.DBFactory;
import org.iq80.leveldb.Options;

/**
 * Opens databases of an adapter the way programs open LevelDB directories: a path is the name of a
 * database, with {@code /} as the separator. Thread-safe.
 */
public final class LevelDbFactory implements DBFactory {
  private final StorageAdapter adapter;
  private final LevelDbOptions more;

  /**
   * Creates a factory. The caller closes the adapter.
   *
   * @param adapter an adapter that holds only LevelDB databases, preferably a {@link
   *     io.divan.storage.checked.CheckedAdapter}
   */
  public LevelDbFactory(StorageAdapter adapter, LevelDbOptions more) {
    this.adapter = adapter;
    this.more = more;
  }

  /**
   * Opens a database, and creates it if the options allow that.
   *
   * @throws IOException if the database cannot be opened; its cause is the exception of {@link
   *     LevelDb#open}
   */
  @Override
  public DB open(File path, Options options) throws IOException {
    try {
      return openNamed(name(path), options);
    } catch (IllegalArgumentException | DBException | StorageException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private DB openNamed(String name, Options options) {
    try {
      return LevelDb.open(adapter.open(name), options, more);
    } catch (StorageException.DatabaseNotFound e) {
      if (!options.createIfMissing()) {
        throw new IllegalArgumentException(
            "Database '" + name + "' does not exist and the create if missing option is disabled");
      }
    }
    Format format = Format.of(options, more);
    Options made = new Options().comparator(options.comparator()).logger(options.logger());
    return LevelDb.open(create(name, format), made, more);
  }

  private Store create(String name, Format format) {
    try {
      return adapter.create(name, format::write);
    } catch (StorageException.DatabaseExists e) {
      return adapter.open(name);
    }
  }

  /**
   * Deletes a database and its content. Does nothing if it does not exist.
   *
   * @throws IOException if the store fails
   */
  @Override
  public void destroy(File path, Options options) throws IOException {
    try {
      adapter.delete(name(path));
    } catch (StorageException.DatabaseNotFound e) {
      return; // like LevelDB
    } catch (StorageException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /**
   * Checks that a database can be opened. There is nothing to repair: a store is either intact or
   * reports corruption.
   *
   * @throws IOException if the database does not exist
   */
  @Override
  public void repair(File path, Options options) throws IOException {
    open(path, new Options().createIfMissing(false).comparator(options.comparator())).close();
  }

  private static String name(File path) {
    return path.getPath().replace(File.separatorChar, '/');
  }
}
