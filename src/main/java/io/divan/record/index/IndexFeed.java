package io.divan.record.index;

import io.divan.storage.KeyValue;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import io.divan.storage.Versionstamp;
import io.divan.storage.Watch;
import io.divan.storage.tuple.TupleReader;
import io.divan.storage.tuple.TupleWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Reads the rows of {@link Contribution.Feed}: the last change of each thing, in commit order. */
public final class IndexFeed {

  /**
   * A row of a feed.
   *
   * @param stamp its position in commit order
   * @param owner the primary key of the thing
   * @param value the value of the contribution
   */
  public record Entry(Versionstamp stamp, byte[] owner, byte[] value) {}

  /**
   * Consecutive rows.
   *
   * @param entries the rows
   * @param end whether there were no more in this snapshot
   */
  public record Slice(List<Entry> entries, boolean end) {}

  private IndexFeed() {}

  /**
   * Reads the rows after a stamp.
   *
   * @param since the stamp of the last row read, or {@link Versionstamp#ZERO} for the start
   * @param rowsMax the most rows, at least 1
   */
  public static Slice since(
      ReadTransaction transaction,
      IndexSpace space,
      int number,
      Versionstamp since,
      int rowsMax) {
    Range range = space.rows(IndexRows.FEED, number).limit(rowsMax);
    Page page = transaction.scan(range.after(key(space, number, since)));
    List<Entry> entries = new ArrayList<>();
    for (KeyValue row : page.rows()) {
      entries.add(entry(row, range.begin().length));
    }
    return new Slice(entries, page.stop() == Page.Stop.END);
  }

  /** Returns the stamp of the newest row ever written, or empty if there has been none. */
  public static Optional<Versionstamp> last(
      ReadTransaction transaction, IndexSpace space, int number) {
    return transaction
        .get(space.table(), space.feedKey(number))
        .map(row -> Versionstamp.fromBytes(row, 0));
  }

  /** Watches for rows that are written after this snapshot. The caller closes the watch. */
  public static Watch watch(ReadTransaction transaction, IndexSpace space, int number) {
    return transaction.watch(space.table(), space.feedKey(number));
  }

  static byte[] key(IndexSpace space, int number, Versionstamp stamp) {
    return space.key(
        IndexRows.FEED, number, new TupleWriter().add(stamp).toBytes());
  }

  /** Returns the bytes of a feed's key before the stamp. */
  static byte[] stampPrefix(IndexSpace space, int number) {
    return space.key(IndexRows.FEED, number, new byte[] {TupleWriter.VERSIONSTAMP});
  }

  static byte[] value(Contribution.Feed feed) {
    return IndexSpace.concat(new TupleWriter().add(feed.owner()).toBytes(), feed.value());
  }

  /** Returns whether the value of a row of a feed names this owner. */
  static boolean isOf(byte[] value, byte[] owner) {
    return Arrays.equals(new TupleReader(value).nextBytes(), owner);
  }

  static Entry entry(KeyValue row, int prefixBytes) {
    Versionstamp stamp = new TupleReader(row.key(), prefixBytes).nextVersionstamp();
    TupleReader reader = new TupleReader(row.value());
    byte[] owner = reader.nextBytes();
    byte[] value = Arrays.copyOfRange(row.value(), reader.position(), row.value().length);
    return new Entry(stamp, owner, value);
  }
}
