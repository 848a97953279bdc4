package io.divan.storage.leveldb;

import io.divan.storage.KeyValue;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import io.divan.storage.StorageException;
import io.divan.storage.WriteTransaction;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Snapshots that the database itself keeps readable: while there are any, each write stores the
 * value that it replaces.
 *
 * <ol>
 *   <li>Snapshots are numbered. Every write transaction reads their rows in SNAPSHOTS. It therefore
 *       either precedes a snapshot or stores what the snapshot needs.
 *   <li>The first write of a key after a snapshot, and before the next one, stores the replaced
 *       value as (snapshot, key) → 1 and the value, or 0 if the key did not exist. Later writes
 *       find that row.
 *   <li>The value of a key in snapshot s is therefore the one stored with the lowest number ≥ s. If
 *       there is none, the key has not been written since, and its current value applies.
 *   <li>The row in SNAPSHOTS of a closed or expired snapshot stays while an earlier snapshot is
 *       open, which needs the values stored with it. A transaction that removes the row also
 *       removes all values stored with that or a lower number. A snapshot without a row is too old.
 * </ol>
 */
final class SnapshotRows {
  /** The maximum number of snapshots, counted from the oldest open one. */
  static final int SNAPSHOTS_MAX = 32;

  private static final byte[] LAST = "snapshot".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] NONE = {0};

  private record NumberedSnapshot(long number, long deadline) {
    boolean isOpen(long now) {
      return deadline > now;
    }
  }

  private SnapshotRows() {}

  private static List<NumberedSnapshot> from(ReadTransaction transaction, long number) {
    return transaction.scan(Range.from(Rows.SNAPSHOTS, Rows.number(number))).rows().stream()
        .map(row -> new NumberedSnapshot(Rows.number(row.key()), Rows.number(row.value())))
        .toList();
  }

  /** Creates a snapshot and returns its number. */
  static long open(WriteTransaction transaction, long now, Duration time) {
    List<NumberedSnapshot> left = sweep(transaction, from(transaction, 0), now);
    if (left.size() >= SNAPSHOTS_MAX) {
      throw new StorageException.StoreUnavailable(
          "The database keeps " + SNAPSHOTS_MAX
              + " snapshots, which is the maximum; close one first");
    }
    long number = transaction.get(Rows.META, LAST).map(Rows::number).orElse(0L) + 1;
    transaction.put(Rows.META, LAST, Rows.number(number));
    transaction.put(
        Rows.SNAPSHOTS, Rows.number(number), Rows.number(now + time.toMillis()));
    return number;
  }

  /** Closes a snapshot. */
  static void close(WriteTransaction transaction, long number, long now) {
    byte[] key = Rows.number(number);
    if (transaction.get(Rows.SNAPSHOTS, key).isPresent()) {
      transaction.put(Rows.SNAPSHOTS, key, Rows.number(0));
      sweep(transaction, from(transaction, 0), now);
    }
  }

  /** Removes what no open snapshot needs, and returns the remaining snapshots. */
  private static List<NumberedSnapshot> sweep(
      WriteTransaction transaction, List<NumberedSnapshot> all, long now) {
    int over = 0;
    while (over < all.size() && !all.get(over).isOpen(now)) {
      over++;
    }
    if (over == 0) {
      return all;
    }
    byte[] end = Rows.number(all.get(over - 1).number() + 1);
    transaction.deleteRange(Range.of(Rows.SNAPSHOTS, new byte[0], end));
    transaction.deleteRange(Range.of(Rows.KEPT, new byte[0], end));
    return all.subList(over, all.size());
  }

  /** Stores what snapshots need of the keys that the transaction is about to write. */
  static void beforeWrite(WriteTransaction transaction, List<byte[]> keys, long now) {
    List<NumberedSnapshot> left = sweep(transaction, from(transaction, 0), now);
    if (left.isEmpty()) {
      return;
    }
    long newest = left.getLast().number();
    List<byte[]> places = keys.stream().map(key -> Rows.numbered(newest, key)).toList();
    List<Optional<byte[]>> kept = transaction.getAll(Rows.KEPT, places);
    List<Integer> missing = new ArrayList<>();
    for (int i = 0; i < keys.size(); i++) {
      if (kept.get(i).isEmpty()) {
        missing.add(i);
      }
    }
    List<Optional<byte[]>> values =
        transaction.getAll(Rows.ROWS, missing.stream().map(keys::get).toList());
    for (int i = 0; i < missing.size(); i++) {
      transaction.put(
          Rows.KEPT,
          places.get(missing.get(i)),
          values.get(i).map(SnapshotRows::some).orElse(NONE));
    }
  }

  private static byte[] some(byte[] value) {
    byte[] some = new byte[value.length + 1];
    some[0] = 1;
    System.arraycopy(value, 0, some, 1, value.length);
    return some;
  }

  private static Optional<byte[]> value(byte[] kept) {
    return kept[0] == 0
        ? Optional.empty()
        : Optional.of(Arrays.copyOfRange(kept, 1, kept.length));
  }

  /** Returns the snapshot and all later ones, whose stored values it may need. */
  private static List<NumberedSnapshot> needed(ReadTransaction transaction, long number, long now) {
    List<NumberedSnapshot> needed = from(transaction, number);
    if (needed.isEmpty()
        || needed.getFirst().number() != number
        || !needed.getFirst().isOpen(now)) {
      throw new StorageException.SnapshotTooOld(
          "The snapshot is closed or has expired", new IllegalStateException());
    }
    return needed;
  }

  /** Returns the stored value of a key in a snapshot. */
  static Optional<byte[]> get(ReadTransaction transaction, long number, byte[] key, long now) {
    List<byte[]> places =
        needed(transaction, number, now).stream()
            .map(kept -> Rows.numbered(kept.number(), key))
            .toList();
    for (Optional<byte[]> kept : transaction.getAll(Rows.KEPT, places)) {
      if (kept.isPresent()) {
        return value(kept.get());
      }
    }
    return transaction.get(Rows.ROWS, key);
  }

  /**
   * Scans the rows of a snapshot: merges the current rows with the stored values, up to the last
   * key that all pages have reached.
   */
  static Page scan(ReadTransaction transaction, long number, Range range, long now) {
    Comparator<byte[]> order = Format::compare;
    TreeMap<byte[], Optional<byte[]>> merged =
        new TreeMap<>(range.reverse() ? order.reversed() : order);
    List<NumberedSnapshot> needed = needed(transaction, number, now);
    Frontier frontier = new Frontier(merged.comparator());
    Page present = transaction.scan(range);
    frontier.read(present, 0);
    present.rows().forEach(row -> merged.put(row.key(), Optional.of(row.value())));
    for (NumberedSnapshot kept : needed.reversed()) { // lower numbers take precedence
      Page page = transaction.scan(within(range, kept.number()));
      frontier.read(page, Long.BYTES);
      page.rows().forEach(row -> merged.put(Rows.rest(row.key()), value(row.value())));
    }
    List<KeyValue> rows = new ArrayList<>();
    (frontier.last.isPresent() ? merged.headMap(frontier.last.get(), true) : merged)
        .forEach((key, value) -> value.ifPresent(some -> rows.add(new KeyValue(key, some))));
    return frontier.last.isPresent()
        ? Page.stopped(rows, Page.Stop.ROWS, range.after(frontier.last.get()))
        : Page.end(rows);
  }

  private static Range within(Range range, long number) {
    byte[] end = range.end().map(key -> Rows.numbered(number, key)).orElse(Rows.number(number + 1));
    return new Range(
        Rows.KEPT,
        Rows.numbered(number, range.begin()),
        Optional.of(end),
        range.reverse(),
        range.limit());
  }

  /** The last key that every page has reached; empty if all pages reached the end. */
  private static final class Frontier {
    private final Comparator<? super byte[]> order;
    private Optional<byte[]> last = Optional.empty();

    Frontier(Comparator<? super byte[]> order) {
      this.order = order;
    }

    void read(Page page, int numberBytes) {
      if (page.stop() != Page.Stop.END) {
        byte[] key = page.rows().getLast().key();
        byte[] read = Arrays.copyOfRange(key, numberBytes, key.length);
        if (last.isEmpty() || order.compare(read, last.get()) < 0) {
          last = Optional.of(read);
        }
      }
    }
  }
}
