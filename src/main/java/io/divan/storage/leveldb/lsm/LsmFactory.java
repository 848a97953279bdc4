package io.divan.storage.leveldb.lsm;

import java.io.File;
import java.io.IOException;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.iq80.leveldb.DB;
import org.iq80.leveldb.DBException;
import org.iq80.leveldb.DBFactory;
import org.iq80.leveldb.DBIterator;
import org.iq80.leveldb.Options;
import org.iq80.leveldb.ReadOptions;

/** Opens databases the way programs written for LevelDB do: failures throw {@link IOException}. */
record LsmFactory(BiFunction<File, Options, DB> opener, Consumer<File> destroyer)
    implements DBFactory {

  @Override
  public DB open(File path, Options options) throws IOException {
    try {
      return opener.apply(path, options);
    } catch (DBException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  @Override
  public void destroy(File path, Options options) throws IOException {
    try {
      destroyer.accept(path);
    } catch (DBException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /** Opens the database, which recovers from a crash, and reads all rows, which detects damage. */
  @Override
  public void repair(File path, Options options) throws IOException {
    Options found = Options.fromOptions(options).createIfMissing(false).errorIfExists(false);
    try (DB db = open(path, found);
        DBIterator rows = db.iterator(new ReadOptions().verifyChecksums(true).fillCache(false))) {
      while (rows.hasNext()) {
        rows.next();
      }
    } catch (DBException e) {
      throw new IOException(e.getMessage(), e);
    }
  }
}
