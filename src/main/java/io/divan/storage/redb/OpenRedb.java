package io.divan.storage.redb;

import io.divan.redb.ReadTxn;
import io.divan.redb.ReadableTable;
import io.divan.redb.Redb;
import io.divan.redb.RedbException;
import io.divan.redb.TableDefinition;
import io.divan.redb.TableInfo;
import io.divan.storage.StorageException;
import io.divan.storage.embedded.OpenStore;
import io.divan.storage.embedded.StoreFiles;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * An open database file, and its state that is kept in memory. Safe for use by many threads.
 *
 * <ol>
 *   <li>Tables are created, never removed. A table's name is known here before any reader can see
 *       the table; a known name may have no table if its transaction was rolled back.
 *   <li>The configuration version is the newest committed one, with the number of its commit. It is
 *       set before that commit becomes visible. Readers of that commit or a later one use it;
 *       earlier readers read the row.
 * </ol>
 */
final class OpenRedb extends OpenStore.Resource {

  /**
   * The configuration version from a commit on.
   *
   * @param commit the number of the commit
   * @param value the configuration version
   */
  record ConfigVersion(long commit, long value) {}

  private final Redb redb;
  private final Path file;
  private final long stampCeiling;
  private volatile Set<String> tables;
  private volatile ConfigVersion config;

  private OpenRedb(
      Redb redb, Path file, Set<String> tables, ConfigVersion config, long stampCeiling) {
    this.redb = redb;
    this.file = file;
    this.tables = tables;
    this.config = config;
    this.stampCeiling = stampCeiling;
  }

  /** Returns a new file. */
  static OpenRedb empty(Redb redb, Path file) {
    return new OpenRedb(redb, file, Set.of(), new ConfigVersion(0, 0), 0);
  }

  /**
   * Reads what is kept in memory of an open database file.
   *
   * @throws StorageException if it is not a database of Divan, or has a newer format
   * @throws io.divan.redb.RedbException if it cannot be read
   */
  static OpenRedb of(Redb redb, Path file) {
    try (ReadTxn transaction = redb.beginRead()) {
      List<TableInfo> tables = transaction.tables();
      Set<String> names = tables.stream().map(TableInfo::name).collect(Collectors.toSet());
      ReadableTable<byte[], byte[]> rows =
          names.contains(RedbFileRow.TABLE)
              ? transaction.open(TableDefinition.bytes(RedbFileRow.TABLE))
              : null;
      checkFormat(RedbFileRow.FORMAT.read(rows), tables, file);
      return new OpenRedb(
          redb,
          file,
          names,
          new ConfigVersion(transaction.version(), RedbFileRow.CONFIG_VERSION.read(rows)),
          RedbFileRow.STAMP_CEILING.read(rows));
    }
  }

  private static void checkFormat(long format, List<TableInfo> tables, Path file) {
    if (format < 1 && RouchFile.isRouchFile(tables)) {
      throw RouchFile.refusal(file);
    }
    StoreFiles.requireFormat(file, format, RedbFileRow.FORMAT_NOW);
  }

  Redb redb() {
    return redb;
  }

  Path file() {
    return file;
  }

  /** A number that no versionstamp exceeded when the file was opened. */
  long stampCeiling() {
    return stampCeiling;
  }

  /** Returns false if the file has no table of this name. */
  boolean mayHave(String table) {
    return tables.contains(table);
  }

  /** Called by the writer before it creates a table. */
  void willHave(String table) {
    if (!tables.contains(table)) {
      Set<String> more = new HashSet<>(tables);
      more.add(table);
      tables = Set.copyOf(more);
    }
  }

  ConfigVersion config() {
    return config;
  }

  /** Called by the writer before it commits, and after a commit that failed. */
  void config(ConfigVersion version) {
    config = version;
  }

  @Override
  protected void close() {
    closeQuietly(redb);
  }

  /** Closes the file. A failure loses nothing: it only makes the next opening slower. */
  static void closeQuietly(Redb redb) {
    try {
      redb.close();
    } catch (RedbException e) {
      System.getLogger(OpenRedb.class.getName())
          .log(System.Logger.Level.WARNING,
              "A database file was not closed cleanly; its next opening takes longer", e);
    }
  }
}
