package io.divan.document.maintenance;

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
 * Copies databases row by row from one backend to another: sequences, revisions and settings stay
 * what they are. For one thread.
 *
 * <ol>
 *   <li>A copy begins with the row {@link Tables#COPYING} and ends with a transaction that removes
 *       it and adds the format row, without which nobody opens a database. So one that was
 *       interrupted never looks whole, and the next attempt makes it anew.
 *   <li>The target gives greater versionstamps than those that were copied, or nothing is copied:
 *       the next change must come after the last one.
 *   <li>Nobody has changed the source meanwhile, as far as its statistics tell, or nothing is left
 *       of the copy.
 * </ol>
 */
public final class DatabaseCopy {

  /**
   * What was copied.
   *
   * @param rows how many rows
   * @param bytes of their keys and values
   */
  public record Copied(long rows, long bytes) {}

  private static final long TRANSACTION_BYTES = 4_000_000;

  private final StorageAdapter from;
  private final StorageAdapter to;
  private final LongConsumer progress;
  private long rows;
  private long bytes;

  /**
   * Copies from one backend to another.
   *
   * @param progress hears how many rows of a database are copied, from time to time
   */
  public DatabaseCopy(StorageAdapter from, StorageAdapter to, LongConsumer progress) {
    this.from = from;
    this.to = to;
    this.progress = progress;
  }

  /**
   * Copies a database; where it fails, nothing is left of the copy, or what nobody takes for one.
   *
   * @throws StorageException.DatabaseNotFound when there is none of that name
   * @throws StorageException.DatabaseExists when the target has one of that name
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
      // It still says of itself that it is not finished.
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
          source.name() + " was changed while it was copied: stop the service first");
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
          "The last sequence of " + source.name() + ", " + last + ", lies ahead of those that the"
              + " target gives, " + next + ": set the clock of this machine right, or where the"
              + " target is FoundationDB see advanceversion in docs/foundationdb.md");
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
   * Copies what belongs to the server, such as its uuid, where the target has nothing of that kind.
   *
   * @return whether it was copied
   */
  public boolean copyServer() {
    List<KeyValue> server =
        from.system().read(transaction -> transaction.scan(Range.all(Databases.SERVER)).rows());
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
        .result();
  }
}
