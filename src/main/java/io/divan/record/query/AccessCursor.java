package io.divan.record.query;

import io.divan.record.Index;
import io.divan.record.Rec;
import io.divan.record.RecordException;
import io.divan.record.Sort;
import io.divan.record.index.Continuation;
import io.divan.record.index.IndexColumns;
import io.divan.record.index.IndexScan;
import io.divan.record.index.IndexScan.KeyRange;
import io.divan.record.index.IndexSource;
import io.divan.storage.ReadTransaction;
import io.divan.storage.tuple.TupleReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Reads the rows of one access. */
abstract sealed class AccessCursor implements Cursor {
  /** The most bytes of records read at once. */
  private static final int BYTES_MAX = 1_000_000;

  /**
   * What all cursors of a page share.
   *
   * @param transaction the transaction
   * @param rows the records
   * @param plan the plan
   */
  record Source(ReadTransaction transaction, RecordRows rows, Plan plan) {}

  final Source source;
  final int branch;
  final Access access;
  private final byte[] fingerprint;
  private final Optional<Set<String>> needed;
  private final Map<String, Optional<Object>> bound;
  boolean ended;

  private AccessCursor(Source source, int branch, Access access, byte[] fingerprint) {
    this.source = source;
    this.branch = branch;
    this.access = access;
    this.fingerprint = fingerprint;
    this.needed = source.plan().needed();
    this.bound = access.bound();
  }

  /**
   * Starts or continues.
   *
   * @param fingerprint of the continuations
   * @param continuation with that fingerprint; empty to start
   */
  static AccessCursor of(
      Source source, int branch, Access access, byte[] fingerprint, Optional<byte[]> continuation) {
    Optional<Continuation.State> state =
        continuation.map(bytes -> Continuation.read(bytes, fingerprint));
    if (access.path().index().isPresent()) {
      return new Rows(
          source,
          branch,
          access,
          fingerprint,
          state.map(Continuation.State::position).orElse(IndexScan.Position.START));
    }
    Optional<byte[]> after = state.map(Continuation.State::key);
    return access.isLookup()
        ? new Lookup(source, branch, access, fingerprint, after)
        : new Keys(source, branch, access, fingerprint, after);
  }

  @Override
  public boolean ended() {
    return ended;
  }

  Supplier<byte[]> after(byte[] primaryKey) {
    return () -> Continuation.write(Continuation.KEYS, fingerprint, Continuation.key(primaryKey));
  }

  Supplier<byte[]> after(IndexScan.Position position) {
    return () -> Continuation.write(Continuation.RANGES, fingerprint, Continuation.position(
        position));
  }

  /** Returns the encoded fields of the sort. */
  byte[] order(Map<String, Object> values) {
    if (source.plan().shape() != Plan.Shape.MERGED || source.plan().sorting()) {
      return new byte[0];
    }
    IndexColumns.Writer writer = new IndexColumns.Writer();
    for (Sort sort : source.plan().query().sort()) {
      Optional<Object> fixed = bound.get(sort.field());
      writer.add(
          fixed == null ? values.get(sort.field()) : fixed.orElse(null), sort.descending());
    }
    return writer.toBytes();
  }

  Entry entry(byte[] primaryKey, Rec rec) {
    Map<String, Object> values = new HashMap<>();
    for (Sort sort : source.plan().query().sort()) {
      Object value = rec.value(sort.field());
      if (value != null) {
        values.put(sort.field(), value);
      }
    }
    return new Entry(
        branch, access, primaryKey, Optional.of(rec), order(values), after(primaryKey));
  }

  /** Reads records by their keys, which sort ascending or descending. */
  private static final class Lookup extends AccessCursor {
    private final List<byte[]> keys = new ArrayList<>();
    private int next;

    Lookup(
        Source source, int branch, Access access, byte[] fingerprint, Optional<byte[]> after) {
      super(source, branch, access, fingerprint);
      for (KeyRange range : access.reverse() ? access.ranges().reversed() : access.ranges()) {
        if (after.isEmpty() || isAfter(range.begin(), after.get(), access.reverse())) {
          keys.add(range.begin());
        }
      }
      ended = keys.isEmpty();
    }

    @Override
    public List<Entry> next(int max) {
      List<Entry> entries = new ArrayList<>();
      while (entries.isEmpty() && next < keys.size()) {
        List<byte[]> some = keys.subList(next, Math.min(keys.size(), next + max));
        List<Optional<Rec>> found =
            source.rows().get(source.transaction(), source.plan().type(), some);
        for (int i = 0; i < some.size(); i++) {
          if (found.get(i).isPresent()) {
            entries.add(entry(some.get(i), found.get(i).get()));
          }
        }
        next += some.size();
      }
      ended = next == keys.size();
      return entries;
    }
  }

  /** Reads records in the order of their keys. */
  private static final class Keys extends AccessCursor {
    private final List<KeyRange> ranges;
    private Optional<byte[]> after;
    private int next;

    Keys(Source source, int branch, Access access, byte[] fingerprint, Optional<byte[]> after) {
      super(source, branch, access, fingerprint);
      this.ranges = access.reverse() ? access.ranges().reversed() : access.ranges();
      this.after = after;
      this.ended = ranges.isEmpty();
    }

    @Override
    public List<Entry> next(int max) {
      List<Entry> entries = new ArrayList<>();
      while (entries.size() < max && next < ranges.size()) {
        KeyRange range = ranges.get(next);
        byte[] end = range.end().orElseThrow();
        boolean begun = false;
        if (after.isPresent()) {
          boolean before = Arrays.compareUnsigned(after.get(), range.begin()) < 0;
          boolean beyond = Arrays.compareUnsigned(after.get(), end) >= 0;
          if (access.reverse() ? before : beyond) {
            next++;
            continue;
          }
          begun = !before && !beyond;
        }
        IndexSource.Slice<Rec> slice =
            source.rows().scan(
                source.transaction(),
                source.plan().type(),
                range,
                begun ? after : Optional.empty(),
                access.reverse(),
                max - entries.size(),
                BYTES_MAX);
        for (IndexSource.Item<Rec> item : slice.items()) {
          entries.add(entry(item.primaryKey(), item.record()));
          after = Optional.of(item.primaryKey());
        }
        if (slice.end()) {
          next++;
        } else if (!entries.isEmpty()) {
          break;
        }
      }
      ended = next == ranges.size();
      return entries;
    }
  }

  /** Reads rows of an index. */
  private static final class Rows extends AccessCursor {
    private IndexScan.Position position;
    private final boolean covers;

    Rows(
        Source source, int branch, Access access, byte[] fingerprint, IndexScan.Position from) {
      super(source, branch, access, fingerprint);
      this.position = from;
      this.covers = access.path().covers(super.needed);
      if (from.range() >= access.ranges().size()) {
        throw new RecordException.BadContinuation("The continuation is damaged: no such range");
      }
      this.ended = access.ranges().isEmpty();
    }

    @Override
    public List<Entry> next(int max) {
      if (ended) {
        return List.of();
      }
      IndexScan.Slice slice =
          IndexScan.read(
              source.transaction(),
              source.rows().space(),
              access.path().number(),
              access.ranges(),
              access.reverse(),
              position,
              max);
      List<Entry> entries = new ArrayList<>(slice.rows().size());
      for (IndexScan.Row row : slice.rows()) {
        entries.add(entry(row));
        position = row.position();
      }
      ended = slice.end();
      return entries;
    }

    private Entry entry(IndexScan.Row row) {
      Path path = access.path();
      Map<String, Object> values = new LinkedHashMap<>();
      byte[] primaryKey = new byte[0];
      try {
        IndexColumns.Reader reader = new IndexColumns.Reader(row.key(), 0);
        for (int i = 0; i < path.columns().size(); i++) {
          if (i == path.declared()) {
            primaryKey = Arrays.copyOfRange(row.key(), reader.position(), row.key().length);
          }
          Index.Column column = path.columns().get(i);
          put(values, column.field(), reader.next(column.descending()), path.isFanOut(i));
        }
      } catch (IllegalArgumentException e) {
        throw new RecordException.Damaged(
            "A row of " + path + " is damaged: " + e.getMessage());
      }
      byte[] order = order(values);
      return new Entry(
          branch, access, primaryKey, covered(row, values), order, after(row.position()));
    }

    private Optional<Rec> covered(IndexScan.Row row, Map<String, Object> values) {
      List<String> covering = access.path().index().orElseThrow().covering();
      if (!covers || isNotCovered(row.value())) {
        return Optional.empty();
      }
      TupleReader reader = new TupleReader(row.value());
      for (String field : covering) {
        put(values, field, reader.nextElement(), false);
      }
      return Optional.of(Rec.normal(source.plan().type().name(), values));
    }

    private static boolean isNotCovered(byte[] value) {
      return value.length > 0 && value[0] == RecordRows.NOT_COVERED;
    }

    private static void put(
        Map<String, Object> values, String field, @Nullable Object value, boolean element) {
      if (value != null && !element) {
        values.put(field, value);
      }
    }
  }

  private static boolean isAfter(byte[] key, byte[] other, boolean reverse) {
    int order = Arrays.compareUnsigned(key, other);
    return reverse ? order < 0 : order > 0;
  }
}
