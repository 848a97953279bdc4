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
 * Snapshots that the database itself keeps readable: while there are any, a write keeps what it
 * replaces.
 *
 * <ol>
 *   <li>Snapshots are numbered. Their rows in SNAPSHOTS are read by every write transaction, so
 *       that one is either before a snapshot or keeps what the snapshot needs.
 *   <li>The first write of a key after a snapshot was made, and before the next one is, keeps the
 *       value as (snapshot, key) → 1 and the value, or 0 where there was none. Later ones find it.
 *   <li>So a key's value in snapshot s is the one kept with the least number from s on; where none
 *       is, nobody has written the key since, and it is the present one.
 *   <li>A row of SNAPSHOTS stays, also when its snapshot is closed or over, while one before it is
 *       open: that one needs what was kept with it. Whoever removes the row removes all that is
 *       kept with it or with less in the same transaction; a snapshot without its row is too old.
 * </ol>
 */
final class SnapshotRows {
  /** The most snapshots from the oldest one that is open. */
  static final int SNAPSHOTS_MAX = 32;

  private static final byte[] LAST = "snapshot".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] NONE = {0};

  private record Kept(long number, long deadline) {
    boolean isOpen(long now) {
      return deadline > now;
    }
  }

  private SnapshotRows() {}

  private static List<Kept> from(ReadTransaction transaction, long number) {
    return transaction.scan(Range.from(Rows.SNAPSHOTS, Rows.number(number))).rows().stream()
        .map(row -> new Kept(Rows.number(row.key()), Rows.number(row.value())))
        .toList();
  }

  /** Makes a snapshot, and answers its number. */
  static long open(WriteTransaction transaction, long now, Duration time) {
    List<Kept> left = sweep(transaction, from(transaction, 0), now);
    if (left.size() >= SNAPSHOTS_MAX) {
      throw new StorageException.StoreUnavailable(
          "The database keeps " + SNAPSHOTS_MAX + " snapshots, which is the limit");
    }
    long number = transaction.get(Rows.META, LAST).map(Rows::number).orElse(0L) + 1;
    transaction.put(Rows.META, LAST, Rows.number(number));
    transaction.put(
        Rows.SNAPSHOTS, Rows.number(number), Rows.number(now + time.toMillis()));
    return number;
  }

  /** Ends a snapshot. */
  static void close(WriteTransaction transaction, long number, long now) {
    byte[] key = Rows.number(number);
    if (transaction.get(Rows.SNAPSHOTS, key).isPresent()) {
      transaction.put(Rows.SNAPSHOTS, key, Rows.number(0));
      sweep(transaction, from(transaction, 0), now);
    }
  }

  /** Removes what no snapshot needs any more, and answers what is left. */
  private static List<Kept> sweep(WriteTransaction transaction, List<Kept> all, long now) {
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

  /** Keeps what snapshots need of these keys, which the transaction is about to write. */
  static void beforeWrite(WriteTransaction transaction, List<byte[]> keys, long now) {
    List<Kept> left = sweep(transaction, from(transaction, 0), now);
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

  /** The snapshot's own number and those after it that something may be kept with. */
  private static List<Kept> needed(ReadTransaction transaction, long number, long now) {
    List<Kept> needed = from(transaction, number);
    if (needed.isEmpty()
        || needed.getFirst().number() != number
        || !needed.getFirst().isOpen(now)) {
      throw new StorageException.SnapshotTooOld(
          "The snapshot was kept for its time, and is closed", new IllegalStateException());
    }
    return needed;
  }

  /** What is stored for a key in a snapshot. */
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
   * Scans the rows of a snapshot: the present ones and what is kept, as far as all of these were
   * read.
   */
  static Page scan(ReadTransaction transaction, long number, Range range, long now) {
    Comparator<byte[]> order = Format::compare;
    TreeMap<byte[], Optional<byte[]>> merged =
        new TreeMap<>(range.reverse() ? order.reversed() : order);
    List<Kept> needed = needed(transaction, number, now);
    Frontier frontier = new Frontier(merged.comparator());
    Page present = transaction.scan(range);
    frontier.read(present, 0);
    present.rows().forEach(row -> merged.put(row.key(), Optional.of(row.value())));
    for (Kept kept : needed.reversed()) { // what is kept with less stands for what is with more
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

  /** The last key up to which every page was read, or nothing where all were read to their end. */
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
