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
 * Opens databases of an adapter as programs open LevelDB's directories: a path names a database, by
 * its text with {@code /} between names. Safe for use by many threads.
 */
public final class LevelDbFactory implements DBFactory {
  private final StorageAdapter adapter;
  private final LevelDbOptions more;

  /**
   * Opens databases of an adapter, which stays its caller's to close.
   *
   * @param adapter one whose databases are LevelDB's only; best a {@link
   *     io.divan.storage.checked.CheckedAdapter}
   */
  public LevelDbFactory(StorageAdapter adapter, LevelDbOptions more) {
    this.adapter = adapter;
    this.more = more;
  }

  /**
   * Opens a database, and makes it where the options allow that.
   *
   * @throws IOException when it cannot be opened, caused by what {@link LevelDb#open} throws
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
   * Deletes a database, with all that is in it; nothing happens where there is none.
   *
   * @throws IOException when the store fails
   */
  @Override
  public void destroy(File path, Options options) throws IOException {
    try {
      adapter.delete(name(path));
    } catch (StorageException.DatabaseNotFound e) {
      return; // as LevelDB does
    } catch (StorageException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /**
   * There is nothing that a repair could do for a store, which is whole or says that it is not.
   *
   * @throws IOException when there is no such database
   */
  @Override
  public void repair(File path, Options options) throws IOException {
    open(path, new Options().createIfMissing(false).comparator(options.comparator())).close();
  }

  private static String name(File path) {
    return path.getPath().replace(File.separatorChar, '/');
  }
}
