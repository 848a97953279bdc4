package io.divan.document.maintenance;

import io.divan.configuration.RuntimeConfiguration;
import io.divan.document.Databases;
import io.divan.document.rows.Stats;
import io.divan.document.rows.Tables;
import io.divan.storage.BatchScan;
import io.divan.storage.KeyValue;
import io.divan.storage.Limits;
import io.divan.storage.NameRange;
import io.divan.storage.Range;
import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.Table;
import io.divan.storage.Versionstamp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * Copies databases row by row from one backend to another, with their sequences, revisions and
 * settings. For one thread.
 *
 * <ol>
 *   <li>A copy begins with the row {@link Tables#COPYING} and ends with a transaction that removes
 *       it and adds the format row, without which a database is refused. An interrupted copy is
 *       therefore never used, and the next attempt replaces it.
 *   <li>Nothing is copied unless the target gives greater versionstamps than the copied ones: the
 *       next change must follow the last one.
 *   <li>If the statistics of the source change during the copy, the copy is removed.
 * </ol>
 */
public final class DatabaseCopy {

  /**
   * The size of a copy.
   *
   * @param rows the number of rows
   * @param bytes the bytes of their keys and values
   */
  public record Copied(long rows, long bytes) {}

  private static final long TRANSACTION_BYTES = 4_000_000;

  private final StorageAdapter from;
  private final StorageAdapter to;
  private final LongConsumer progress;
  private long rows;
  private long bytes;

  /**
   * Creates a copier.
   *
   * @param progress receives the number of rows of a database copied so far, from time to time
   */
  public DatabaseCopy(StorageAdapter from, StorageAdapter to, LongConsumer progress) {
    this.from = from;
    this.to = to;
    this.progress = progress;
  }

  /**
   * Copies a database. A failed copy is removed, or stays marked as unfinished.
   *
   * @throws StorageException.DatabaseNotFound if the source has no database of that name
   * @throws StorageException.DatabaseExists if the target has a database of that name
   */
  public Copied copy(String name) {
    Store source = from.open(name);
    Databases.checkFormat(source);
    boolean exists =
        !to.list(new NameRange(name, Optional.of(name + '\0'), false, 1)).isEmpty();
    if (exists) {
      if (!Databases.isUnfinishedCopy(to.open(name))) {
        throw new StorageException.DatabaseExists(name);
      }
      to.delete(name);
    }
    Store target =
        to.create(
            name, transaction -> transaction.put(Tables.FORMAT, Tables.COPYING, new byte[0]));
    boolean done = false;
    try {
      Copied copied = copy(source, target);
      done = true;
      return copied;
    } finally {
      if (!done) {
        deleteQuietly(name);
      }
    }
  }

  private void deleteQuietly(String name) {
    try {
      to.delete(name);
    } catch (StorageException e) {
      // The copy stays, and is marked as unfinished.
    }
  }

  private Copied copy(Store source, Store target) {
    rows = 0;
    bytes = 0;
    List<KeyValue> before = statistics(source);
    requireLaterStamps(source, target);
    for (Table table : Tables.ALL) {
      if (!table.equals(Tables.FORMAT)) {
        copy(source, target, table);
      }
    }
    if (!same(before, statistics(source))) {
      throw new StorageException.StoreUnavailable(
          source.name() + " was changed while it was copied: stop the service and copy again");
    }
    List<KeyValue> format =
        source.read(transaction -> transaction.scan(Range.all(Tables.FORMAT)).rows());
    target.write(
        transaction -> {
          transaction.delete(Tables.FORMAT, Tables.COPYING);
          format.forEach(row -> transaction.put(Tables.FORMAT, row.key(), row.value()));
          return format.size();
        });
    format.forEach(this::count);
    return new Copied(rows, bytes);
  }

  private static List<KeyValue> statistics(Store source) {
    return source.read(transaction -> transaction.scan(Range.all(Tables.STATS)).rows());
  }

  private static boolean same(List<KeyValue> some, List<KeyValue> others) {
    boolean same = some.size() == others.size();
    for (int i = 0; same && i < some.size(); i++) {
      same =
          Arrays.equals(some.get(i).key(), others.get(i).key())
              && Arrays.equals(some.get(i).value(), others.get(i).value());
    }
    return same;
  }

  private static void requireLaterStamps(Store source, Store target) {
    Versionstamp last = source.read(Stats::lastChange);
    Versionstamp next =
        target
            .write(
                transaction -> {
                  transaction.put(Tables.FORMAT, Tables.COPYING, new byte[0]);
                  return true;
                })
            .versionstamp()
            .orElseThrow();
    if (last.compareTo(next) >= 0) {
      throw new StorageException.StoreUnusable(
          "The last sequence of " + source.name() + ", " + last + ", is later than the sequences"
              + " that the target assigns, " + next + ": correct the clock of this machine, or, if"
              + " the target is FoundationDB, see advanceversion in docs/foundationdb.md");
    }
  }

  private void copy(Store source, Store target, Table table) {
    BatchScan<KeyValue> scan =
        source.scan(
            Range.all(table),
            Range.NO_LIMIT,
            (transaction, page) -> new BatchScan.Batch<>(page, page.size()));
    while (scan.hasMore()) {
      List<KeyValue> batch = new ArrayList<>();
      long size = 0;
      for (KeyValue row : scan.next()) {
        batch.add(row);
        size += Limits.writeBytes(row.key().length, row.value().length);
        if (size >= TRANSACTION_BYTES) {
          write(target, table, batch);
          batch = new ArrayList<>();
          size = 0;
        }
      }
      write(target, table, batch);
    }
  }

  private void write(Store target, Table table, List<KeyValue> batch) {
    if (batch.isEmpty()) {
      return;
    }
    target.write(
        transaction -> {
          batch.forEach(row -> transaction.put(table, row.key(), row.value()));
          return batch.size();
        });
    batch.forEach(this::count);
    progress.accept(rows);
  }

  private void count(KeyValue row) {
    rows++;
    bytes += row.bytes();
  }

  /**
   * Copies the rows of the server, such as its uuid, and the settings that were changed at run
   * time, if the target has none.
   *
   * @return whether any were copied
   */
  public boolean copyServer() {
    List<KeyValue> server =
        from.system().read(transaction -> transaction.scan(Range.all(Databases.SERVER)).rows());
    boolean copied = RuntimeConfiguration.copy(from.system(), to.system());
    return to.system()
        .write(
            transaction -> {
              boolean empty = transaction.scan(Range.all(Databases.SERVER)).rows().isEmpty();
              if (empty) {
                server.forEach(
                    row -> transaction.put(Databases.SERVER, row.key(), row.value()));
              }
              return empty && !server.isEmpty();
            })
        .result()
        || copied;
  }
}
