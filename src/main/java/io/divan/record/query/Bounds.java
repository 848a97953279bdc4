package io.divan.record.query;

import io.divan.record.Index;
import io.divan.record.Predicate;
import io.divan.record.Predicate.Compare;
import io.divan.record.Predicate.Contains;
import io.divan.record.Predicate.In;
import io.divan.record.Predicate.IsNull;
import io.divan.record.Predicate.Not;
import io.divan.record.Predicate.Op;
import io.divan.record.Predicate.Or;
import io.divan.record.Predicate.StartsWith;
import io.divan.record.index.IndexColumns;
import io.divan.record.index.IndexScan.KeyRange;
import io.divan.storage.Range;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Matches conditions with the columns of a path, from the left: conditions of equality as long as
 * there are any, then those of one range.
 */
final class Bounds {
  /** The most ranges of an access. Further values remain a filter. */
  static final int RANGES_MAX = 1_000;

  private static final byte[] NONE = {};
  private static final byte[] AFTER = {(byte) 0xFF};

  private final Path path;
  private final List<Predicate> parts;
  private final List<Predicate> equalities = new ArrayList<>();
  private final List<Predicate> range = new ArrayList<>();
  private final Set<String> several = new HashSet<>();
  private List<byte[]> prefixes = List.of(NONE);
  private byte[] begin = NONE;
  private byte[] end = AFTER;

  private Bounds(Path path, List<Predicate> parts) {
    this.path = path;
    this.parts = parts;
  }

  /**
   * Returns the access that fulfils conditions, or empty if the path may lack records that fulfil
   * them or have them twice.
   */
  static Optional<Access> match(Path path, List<Predicate> parts) {
    if (path.index().map(Index.Value::sparse).orElse(false)) {
      for (Index.Column column : path.columns().subList(0, path.declared())) {
        if (parts.stream().noneMatch(part -> Conditions.needsValue(part, column.field()))) {
          return Optional.empty();
        }
      }
    }
    return new Bounds(path, parts).match();
  }

  private Optional<Access> match() {
    if (parts.contains(new Or(List.of()))) {
      prefixes = List.of(); // nothing fulfils it
    }
    int column = 0;
    while (column < path.columns().size() && equality(column)) {
      column++;
    }
    for (int i = column; i < path.columns().size(); i++) {
      if (path.isFanOut(i)) {
        return Optional.empty();
      }
    }
    if (column < path.columns().size() && !several.contains(path.columns().get(column).field())) {
      range(path.columns().get(column));
    }
    Set<Predicate> used = Collections.newSetFromMap(new IdentityHashMap<>());
    used.addAll(equalities);
    used.addAll(range);
    List<Predicate> filter = parts.stream().filter(part -> !used.contains(part)).toList();
    return Optional.of(
        new Access(
            path,
            parts,
            List.copyOf(equalities),
            List.copyOf(range),
            filter,
            ranges(),
            false));
  }

  /** Finds the condition of equality on a column that has the fewest values. */
  private boolean equality(int number) {
    Index.Column column = path.columns().get(number);
    Optional<Predicate> best = Optional.empty();
    List<Object> values = List.of();
    for (Predicate part : parts) {
      Optional<List<Object>> some = values(part, column.field(), path.isFanOut(number));
      if (some.isPresent() && (best.isEmpty() || some.get().size() < values.size())) {
        best = Optional.of(part);
        values = some.get();
      }
    }
    if (best.isEmpty() || (long) prefixes.size() * values.size() > RANGES_MAX) {
      return false;
    }
    if (values.size() > 1 && !several.add(column.field())) {
      return false;
    }
    TreeSet<byte[]> encoded = new TreeSet<>(Arrays::compareUnsigned);
    for (Object value : values) {
      encoded.add(encode(value == IsNull.class ? null : value, column.descending()));
    }
    List<byte[]> longer = new ArrayList<>(prefixes.size() * encoded.size());
    for (byte[] prefix : prefixes) {
      for (byte[] value : encoded) {
        longer.add(concat(prefix, value));
      }
    }
    prefixes = longer;
    equalities.add(best.get());
    return true;
  }

  /** Returns the values of a condition of equality; the class of {@link IsNull} is null. */
  private static Optional<List<Object>> values(Predicate part, String field, boolean element) {
    return switch (part) {
      case Contains(String name, Object value) when element && name.equals(field) ->
          Optional.of(List.of(value));
      case Compare(String name, Op op, Object value) when !element && op == Op.EQ && name.equals(
          field) ->
          Optional.of(List.of(value));
      case In(String name, List<Object> values) when !element && name.equals(field) ->
          Optional.of(values);
      case IsNull(String name) when !element && name.equals(field) ->
          Optional.of(List.of(IsNull.class));
      default -> Optional.empty();
    };
  }

  private void range(Index.Column column) {
    boolean descending = column.descending();
    for (Predicate part : parts) {
      switch (part) {
        case Compare(String name, Op op, Object value) when name.equals(column.field())
            && op != Op.EQ && op != Op.NE -> {
          byte[] from = encode(value, descending);
          boolean bounded = op == Op.GT || op == Op.GE;
          byte[] bound = op == Op.GE || op == Op.LT ? from : concat(from, AFTER);
          if (descending) {
            bound = op == Op.GE || op == Op.LT ? concat(from, AFTER) : from;
          }
          narrow(column, part, bounded != descending ? bound : NONE,
              bounded != descending ? Optional.empty() : Optional.of(bound));
        }
        case StartsWith(String name, Object prefix) when name.equals(column.field()) -> {
          byte[] whole = encode(prefix, descending);
          byte[] start = Arrays.copyOf(whole, whole.length - (descending ? 2 : 1));
          narrow(column, part, start, Range.afterPrefix(start));
        }
        case Not(IsNull(String name)) when name.equals(column.field()) ->
            narrow(column, part, NONE, Optional.empty());
        default -> {
          // not a range of this column
        }
      }
    }
  }

  private void narrow(Index.Column column, Predicate part, byte[] from, Optional<byte[]> to) {
    if (range.isEmpty()) { // without null
      byte[] none = encode(null, column.descending());
      if (column.descending()) {
        end = none;
      } else {
        begin = concat(none, AFTER);
      }
    }
    range.add(part);
    begin = Arrays.compareUnsigned(from, begin) > 0 ? from : begin;
    if (to.isPresent() && Arrays.compareUnsigned(to.get(), end) < 0) {
      end = to.get();
    }
  }

  private List<KeyRange> ranges() {
    List<KeyRange> ranges = new ArrayList<>(prefixes.size());
    if (Arrays.compareUnsigned(begin, end) < 0) {
      for (byte[] prefix : prefixes) {
        ranges.add(new KeyRange(concat(prefix, begin), Optional.of(concat(prefix, end))));
      }
    }
    return ranges;
  }

  private static byte[] encode(@Nullable Object value, boolean descending) {
    return new IndexColumns.Writer().add(value, descending).toBytes();
  }

  private static byte[] concat(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }
}
