package io.divan.document;

import io.divan.document.rows.Tables;
import io.divan.storage.ReadTransaction;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.WriteTransaction;
import java.nio.ByteBuffer;

/**
 * The formats of databases that a version of the service knows. Versions of the service whose
 * formats differ in the minor number use a database at the same time, such as during a rolling
 * upgrade.
 *
 * @param major the greatest that it reads; greater for a format that older versions would misread:
 *     they refuse the database
 * @param created the format of new databases; the first attachment and the first index raise it
 * @param minor greater for a format with rows, or fields at the end of rows, that older versions
 *     ignore. What depends on them must stay right when an older version writes without them.
 */
record Format(int major, int created, int minor) {

  /** The formats of this version. */
  static final Format CURRENT =
      new Format(
          Tables.FORMAT_NUMBER, Tables.FORMAT_WITHOUT_ATTACHMENTS, Tables.FORMAT_MINOR);

  /** Writes the format of a new database. */
  void write(WriteTransaction transaction) {
    transaction.put(Tables.FORMAT, Tables.FORMAT_KEY, bytes(created));
    if (minor > 0) {
      transaction.put(Tables.FORMAT, Tables.FORMAT_MINOR_KEY, bytes(minor));
    }
  }

  /** Raises the format of a database that gets its first attachment. */
  static void addAttachments(WriteTransaction transaction) {
    raise(transaction, Tables.FORMAT_WITH_ATTACHMENTS);
    transaction.put(Tables.METADATA, Tables.HAS_ATTACHMENTS, new byte[0]);
    transaction.bumpConfigVersion();
  }

  /**
   * Raises the format of a database that gets its first index: a version that does not maintain
   * indexes would leave them stale.
   */
  static void addIndexes(WriteTransaction transaction) {
    raise(transaction, Tables.FORMAT_NUMBER);
  }

  /** Returns whether a database has, or had, an index. */
  static boolean hasIndexes(ReadTransaction transaction) {
    return stored(transaction) >= Tables.FORMAT_NUMBER;
  }

  private static void raise(WriteTransaction transaction, int number) {
    if (stored(transaction) < number) {
      transaction.put(Tables.FORMAT, Tables.FORMAT_KEY, bytes(number));
    }
  }

  private static int stored(ReadTransaction transaction) {
    return transaction
        .get(Tables.FORMAT, Tables.FORMAT_KEY)
        .map(value -> ByteBuffer.wrap(value).getInt())
        .orElse(0);
  }

  private static byte[] bytes(int number) {
    return ByteBuffer.allocate(Integer.BYTES).putInt(number).array();
  }

  /**
   * Refuses a database that a version with this format cannot read.
   *
   * @throws StorageException.StoreUnusable if its major format is unknown, or its copy unfinished
   */
  void check(Store store) {
    int stored = store.read(Format::stored);
    if (stored < 1 && Databases.isUnfinishedCopy(store)) {
      throw new StorageException.StoreUnusable(
          "The database " + store.name() + " is a copy that was not finished: run copy again, or"
              + " delete it");
    }
    if (stored < 1 || stored > major) {
      throw unknown(store.name(), stored);
    }
  }

  /**
   * Refuses an open database that a newer version has converted since. A change of the number comes
   * with a new configuration version, so this is called once for each of these.
   *
   * @throws StorageException.StoreUnusable if its major format is unknown
   */
  void checkNotNewer(String database, ReadTransaction transaction) {
    int stored = stored(transaction);
    if (stored > major) {
      throw unknown(database, stored);
    }
  }

  private StorageException unknown(String database, int stored) {
    return new StorageException.StoreUnusable(
        "The database " + database + " has format " + stored + ", and this version of Divan reads"
            + " up to " + major + ": open it with the version that wrote it, or a newer one");
  }
}
