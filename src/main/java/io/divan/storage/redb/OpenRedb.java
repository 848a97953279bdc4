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
 * A database file that is open, and what is known of it without reading. Safe for use by many
 * threads.
 *
 * <ol>
 *   <li>Tables are made, never removed. Of one that exists it is known before any reader can see
 *       it; what is known may not exist, where its transaction was rolled back.
 *   <li>The config version is the newest committed one and the commit it came with, and is set
 *       before that commit can be seen. A reader of that commit or a later one has it; an earlier
 *       one reads its own.
 * </ol>
 */
final class OpenRedb extends OpenStore.Resource {

  /**
   * What the configuration's version is from a commit on.
   *
   * @param commit the commit's number
   * @param value the version
   */
  record ConfigVersion(long commit, long value) {}

  private final Redb redb;
  private final Path file;
  private final long lastStamp;
  private volatile Set<String> tables;
  private volatile ConfigVersion config;

  private OpenRedb(
      Redb redb, Path file, Set<String> tables, ConfigVersion config, long lastStamp) {
    this.redb = redb;
    this.file = file;
    this.tables = tables;
    this.config = config;
    this.lastStamp = lastStamp;
  }

  /** A file that holds nothing yet. */
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
          names.contains(EngineRow.TABLE)
              ? transaction.open(TableDefinition.bytes(EngineRow.TABLE))
              : null;
      checkFormat(EngineRow.FORMAT.read(rows), tables, file);
      return new OpenRedb(
          redb,
          file,
          names,
          new ConfigVersion(transaction.version(), EngineRow.CONFIG_VERSION.read(rows)),
          EngineRow.STAMP.read(rows));
    }
  }

  private static void checkFormat(long format, List<TableInfo> tables, Path file) {
    if (format < 1 && RouchFile.isRouchFile(tables)) {
      throw RouchFile.refusal(file);
    }
    StoreFiles.requireFormat(file, format, EngineRow.FORMAT_NOW);
  }

  Redb redb() {
    return redb;
  }

  Path file() {
    return file;
  }

  /** A number that no versionstamp exceeded when the file was opened. */
  long lastStamp() {
    return lastStamp;
  }

  /** Whether there may be a table of this name; false where there is none. */
  boolean mayHave(String table) {
    return tables.contains(table);
  }

  /** The writer is about to make this table. */
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

  /** Called by the writer before it commits, and where that commit was given up. */
  void config(ConfigVersion version) {
    config = version;
  }

  @Override
  protected void close() {
    closeQuietly(redb);
  }

  /** What was committed is durable; all that closing adds is that the next opening is quick. */
  static void closeQuietly(Redb redb) {
    try {
      redb.close();
    } catch (RedbException e) {
      System.getLogger(OpenRedb.class.getName())
          .log(System.Logger.Level.WARNING, "A database file did not close well", e);
    }
  }
}
