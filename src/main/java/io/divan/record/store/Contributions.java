package io.divan.record.store;

import io.divan.record.Index;
import io.divan.record.Rec;
import io.divan.record.RecordException;
import io.divan.record.RecordType;
import io.divan.record.Values;
import io.divan.record.index.Contribution;
import io.divan.record.index.IndexColumns;
import io.divan.record.query.RecordRows;
import io.divan.storage.tuple.TupleReader;
import io.divan.storage.tuple.TupleWriter;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What records contribute to indexes. */
final class Contributions {
  /** The most different elements of an array in an index of its elements. */
  static final int ELEMENTS_MAX = 1_000;

  /** The most bytes of covered fields in a row. */
  static final int COVERED_BYTES_MAX = 90_000;

  private static final byte[] NOT_COVERED = {RecordRows.NOT_COVERED};

  /** Sums of less than 2^62 in absolute value. */
  private static final long SUM_MAX = 1L << 62;

  private static final long PUT = 0;
  private static final long DELETE = 1;

  private Contributions() {}

  /**
   * Returns what a record contributes to an index.
   *
   * @param primaryKey its packed primary key
   */
  static List<Contribution> of(Index index, RecordType type, byte[] primaryKey, Rec rec) {
    return switch (index) {
      case Index.Value value -> rows(value, primaryKey, rec);
      case Index.Count count -> List.of(new Contribution.Add(group(count.group(), rec), 1));
      case Index.Sum sum -> sum(sum, rec);
      case Index.Ever ever -> {
        Object value = rec.value(ever.field());
        yield value == null
            ? List.of()
            : List.of(
                new Contribution.Ever(
                    group(ever.group(), rec), TupleWriter.pack(value), ever.max()));
      }
      case Index.Versionstamp feed ->
          List.of(new Contribution.Feed(owner(type, primaryKey), TupleWriter.pack(PUT),
              feed.history()));
    };
  }

  /** Returns what a deleted record contributes to an index: a row of a feed, or nothing. */
  static List<Contribution> ofDeleted(Index index, RecordType type, byte[] primaryKey) {
    return index instanceof Index.Versionstamp feed
        ? List.of(
            new Contribution.Feed(
                owner(type, primaryKey), TupleWriter.pack(DELETE), feed.history()))
        : List.of();
  }

  /** Returns whether a row of a feed says that the record was deleted. */
  static boolean isDeleted(byte[] feedValue) {
    return new TupleReader(feedValue).nextLong() == DELETE;
  }

  /** Returns a primary key among those of all types, as feeds have it. */
  static byte[] owner(RecordType type, byte[] primaryKey) {
    return RecordKeys.concat(TupleWriter.pack(type.number()), primaryKey);
  }

  /** Returns the primary key at the end of a row's key, or empty if it cannot be read. */
  static Optional<byte[]> primaryKey(Index.Value index, byte[] key) {
    try {
      IndexColumns.Reader reader = new IndexColumns.Reader(key, 0);
      for (Index.Column column : index.columns()) {
        reader.next(column.descending());
      }
      return Optional.of(Arrays.copyOfRange(key, reader.position(), key.length));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static byte[] group(List<String> fields, Rec rec) {
    TupleWriter writer = new TupleWriter();
    fields.forEach(field -> writer.addElement(rec.value(field)));
    return writer.toBytes();
  }

  private static List<Contribution> sum(Index.Sum index, Rec rec) {
    Object value = rec.value(index.field());
    if (value == null) {
      return List.of();
    }
    if (value instanceof BigInteger || Math.abs((Long) value) >= SUM_MAX) {
      throw new RecordException.Invalid(
          "Field " + index.field() + " is too large for sum index " + index.name()
              + ": less than 2^62");
    }
    return List.of(new Contribution.Add(group(index.group(), rec), (Long) value));
  }

  private static List<Contribution> rows(Index.Value index, byte[] primaryKey, Rec rec) {
    byte[] covered = covered(index, rec);
    List<Contribution> rows = new ArrayList<>();
    for (Object element : elements(index, rec)) {
      IndexColumns.Writer writer = new IndexColumns.Writer();
      boolean nulls = false;
      for (Index.Column column : index.columns()) {
        boolean fanOut = index.fanOut().filter(column.field()::equals).isPresent();
        Object value = fanOut ? element : rec.value(column.field());
        nulls |= value == null;
        writer.add(value, column.descending());
      }
      if (nulls && index.sparse()) {
        continue;
      }
      byte[] columns = writer.toBytes();
      rows.add(new Contribution.Row(RecordKeys.concat(columns, primaryKey), covered));
      if (index.unique() && !nulls) {
        rows.add(new Contribution.Unique(columns, primaryKey));
      }
    }
    return rows;
  }

  private static byte[] covered(Index.Value index, Rec rec) {
    byte[] covered = group(index.covering(), rec);
    return covered.length <= COVERED_BYTES_MAX ? covered : NOT_COVERED;
  }

  /** Returns the distinct elements that have a row, or one null if the index is not of elements. */
  private static Iterable<@Nullable Object> elements(Index.Value index, Rec rec) {
    if (index.fanOut().isEmpty()) {
      List<@Nullable Object> one = new ArrayList<>();
      one.add(null);
      return one;
    }
    if (!(rec.value(index.fanOut().get()) instanceof List<?> list)) {
      return List.of();
    }
    Comparator<@Nullable Object> order = Values::compare;
    TreeSet<@Nullable Object> distinct = new TreeSet<>(order);
    distinct.addAll(list);
    if (distinct.size() > ELEMENTS_MAX) {
      throw new RecordException.TooManyElements(index.name(), distinct.size(), ELEMENTS_MAX);
    }
    return distinct;
  }
}
