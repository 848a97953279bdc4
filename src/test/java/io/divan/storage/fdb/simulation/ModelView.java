package io.divan.storage.fdb.simulation;

import com.apple.foundationdb.MutationType;
import io.divan.storage.fdb.simulation.Program.Clear;
import io.divan.storage.fdb.simulation.Program.ClearRange;
import io.divan.storage.fdb.simulation.Program.Get;
import io.divan.storage.fdb.simulation.Program.GetKey;
import io.divan.storage.fdb.simulation.Program.GetRange;
import io.divan.storage.fdb.simulation.Program.Mutate;
import io.divan.storage.fdb.simulation.Program.Operation;
import io.divan.storage.fdb.simulation.Program.Selector;
import io.divan.storage.fdb.simulation.Program.Set;
import io.divan.storage.fdb.simulation.Program.StampKey;
import io.divan.storage.fdb.simulation.Program.StampValue;
import io.divan.storage.fdb.simulation.Program.WriteConflict;
import io.divan.storage.fdb.simulation.ProgramModel.ModelRange;
import io.divan.storage.fdb.simulation.ProgramRunner.StepResult;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A map after a list of writes; the data part of {@link ProgramModel}. */
final class ModelView {

  static final String END = "\u00FF";
  private static final String STAMP_MAX = "\u00FF".repeat(10);

  private final TreeMap<String, String> base;
  private final List<Operation> writes;
  private final TreeMap<String, String> view;
  /** Keys removed by compare-and-clear, which selectors still count. */
  private final TreeSet<String> phantoms = new TreeSet<>();
  private final TreeSet<String> written = new TreeSet<>();
  private final List<ModelRange> cleared = new ArrayList<>();
  private final List<ModelRange> unreadable = new ArrayList<>();
  /**
   * Ranges of which no key can be read; ranges that may contain older stamps are not among them.
   */
  private final List<ModelRange> surelyUnreadable = new ArrayList<>();

  ModelView(TreeMap<String, String> base, List<Operation> writes, List<Boolean> versionKnown) {
    this.base = base;
    this.writes = writes;
    this.view = new TreeMap<>(base);
    for (int i = 0; i < writes.size(); i++) {
      apply(writes.get(i), versionKnown.get(i));
    }
    for (String key : written) {
      if (!view.containsKey(key)) {
        phantoms.add(key);
      }
    }
  }

  static boolean isRead(Operation operation) {
    return ProgramModel.isRead(operation);
  }

  static boolean isSnapshot(Operation operation) {
    return switch (operation) {
      case Get get -> get.snapshot();
      case GetKey get -> get.snapshot();
      case GetRange get -> get.snapshot();
      default -> false;
    };
  }

  /** Whether this operation makes its transaction more than read-only. */
  static boolean isWrite(Operation operation) {
    return switch (operation) {
      case WriteConflict conflict -> conflict.begin().compareTo(conflict.end()) < 0;
      case ClearRange clear -> clear.begin().compareTo(clear.end()) < 0;
      default -> true;
    };
  }

  private void apply(Operation operation, boolean versionKnown) {
    switch (operation) {
      case Set set -> {
        view.put(set.key(), set.value());
        written.add(set.key());
      }
      case Clear clear -> clear(ModelRange.ofKey(clear.key()));
      case ClearRange clear -> clear(new ModelRange(clear.begin(), clear.end()));
      case Mutate mutate -> {
        String value = mutated(mutate.type(), view.get(mutate.key()), mutate.operand());
        written.add(mutate.key());
        if (value == null) {
          view.remove(mutate.key());
        } else {
          view.put(mutate.key(), value);
        }
      }
      case StampValue stamp -> {
        written.add(stamp.key());
        view.put(stamp.key(), "");
        unreadable.add(ModelRange.ofKey(stamp.key()));
        surelyUnreadable.add(ModelRange.ofKey(stamp.key()));
      }
      case StampKey stamp -> {
        ModelRange range = new ModelRange(stamp.prefix(), stamp.prefix() + STAMP_MAX + "\0");
        unreadable.add(range);
        if (!versionKnown) {
          surelyUnreadable.add(range);
        }
      }
      default -> {
        // Not a write.
      }
    }
  }

  private void clear(ModelRange range) {
    if (range.begin().compareTo(range.end()) >= 0) {
      return;
    }
    view.subMap(range.begin(), range.end()).clear();
    written.subSet(range.begin(), range.end()).clear();
    cleared.add(range);
    cut(unreadable, range);
    cut(surelyUnreadable, range);
  }

  private static void cut(List<ModelRange> ranges, ModelRange range) {
    List<ModelRange> rest = new ArrayList<>();
    for (ModelRange old : ranges) {
      rest.add(new ModelRange(old.begin(), min(old.end(), range.begin())));
      rest.add(new ModelRange(max(old.begin(), range.end()), old.end()));
    }
    rest.removeIf(old -> old.begin().compareTo(old.end()) >= 0);
    ranges.clear();
    ranges.addAll(rest);
  }

  private static String min(String a, String b) {
    return a.compareTo(b) <= 0 ? a : b;
  }

  private static String max(String a, String b) {
    return a.compareTo(b) >= 0 ? a : b;
  }

  // Atomic operations, on text in which each character is a byte

  private static @Nullable String mutated(
      MutationType type, @Nullable String old, String operand) {
    return switch (type) {
      case ADD -> old == null || old.isEmpty() ? operand : number(old, operand, '+');
      case BIT_AND -> old == null ? operand : number(old, operand, '&');
      case BIT_OR -> old == null ? operand : number(old, operand, '|');
      case BIT_XOR -> old == null ? operand : number(old, operand, '^');
      case MAX -> old == null ? operand : larger(old, operand, true);
      case MIN -> old == null ? operand : larger(old, operand, false);
      case APPEND_IF_FITS -> (old == null ? "" : old) + operand;
      case BYTE_MIN -> old == null ? operand : min(old, operand);
      case BYTE_MAX -> old == null ? operand : max(old, operand);
      case COMPARE_AND_CLEAR -> old == null || old.equals(operand) ? null : old;
      default -> throw new IllegalArgumentException("" + type);
    };
  }

  private static BigInteger unsigned(String littleEndian) {
    byte[] bytes = Bench.b(new StringBuilder(littleEndian).reverse().toString());
    return new BigInteger(1, bytes);
  }

  /** The lowest bytes of a number, little-endian. */
  private static String bytes(BigInteger number, int length) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.append((char) (number.shiftRight(8 * i).intValue() & 0xFF));
    }
    return text.toString();
  }

  private static String number(String old, String operand, char operator) {
    BigInteger a = unsigned(old);
    BigInteger b = unsigned(operand);
    BigInteger result =
        switch (operator) {
          case '+' -> a.add(b);
          case '&' -> a.and(b);
          case '|' -> a.or(b);
          default -> a.xor(b);
        };
    return bytes(result, operand.length());
  }

  private static String larger(String old, String operand, boolean max) {
    BigInteger a = unsigned(bytes(unsigned(old), operand.length()));
    BigInteger b = unsigned(operand);
    return bytes(max ? a.max(b) : a.min(b), operand.length());
  }

  boolean hasPhantoms() {
    return !phantoms.isEmpty();
  }

  // Results

  /** Whether the key's value follows from the transaction's own writes. */
  boolean isIndependent(String key) {
    boolean known = false;
    for (Operation operation : writes) {
      known = switch (operation) {
        case Set set when set.key().equals(key) -> true;
        case StampValue stamp when stamp.key().equals(key) -> true;
        case Clear clear when clear.key().equals(key) -> true;
        case ClearRange clear ->
            known || new ModelRange(clear.begin(), clear.end()).contains(key);
        default -> known;
      };
    }
    return known;
  }

  StepResult result(Operation operation) {
    return switch (operation) {
      case Get get -> new StepResult(0, null, view.get(get.key()), List.of());
      case GetKey get -> new StepResult(0, key(get.selector()), null, List.of());
      case GetRange get -> new StepResult(0, null, null, rows(get));
      default -> throw new IllegalArgumentException("" + operation);
    };
  }

  private List<String> counted() {
    TreeSet<String> counted = new TreeSet<>(view.keySet());
    counted.addAll(phantoms);
    return new ArrayList<>(counted);
  }

  /** The key that a selector resolves to, as a bound: {@code ""} or {@link #END} past an end. */
  private String bound(Selector selector, int more) {
    List<String> counted = counted();
    int index = 0;
    for (String key : counted) {
      int order = key.compareTo(selector.key());
      index += order < 0 || order == 0 && selector.orEqual() ? 1 : 0;
    }
    int place = index + selector.offset() - 1 + more;
    return place < 0 ? "" : place >= counted.size() ? END : counted.get(place);
  }

  private String key(Selector selector) {
    if (selector.offset() > 0) {
      String bound = bound(selector, 0);
      String key = bound.equals(END) ? null : view.ceilingKey(bound);
      return key == null || runsOffTheBeginning(selector, 0) ? offEnd(selector, key) : key;
    }
    if (runsOffTheBeginning(selector, 1)) {
      return "";
    }
    String bound = bound(selector, 1);
    String key = view.lowerKey(bound);
    return key == null ? "" : key;
  }

  private String offEnd(Selector selector, @Nullable String key) {
    return runsOffTheBeginning(selector, 0) ? "" : key == null ? END : key;
  }

  private boolean runsOffTheBeginning(Selector selector, int more) {
    List<String> counted = counted();
    long before =
        counted.stream()
            .filter(key -> key.compareTo(selector.key()) < 0
                || selector.orEqual() && key.equals(selector.key()))
            .count();
    return before + selector.offset() - 1 + more < 0;
  }

  private List<String> rows(GetRange range) {
    String begin = bound(range.begin(), 0);
    String end = bound(range.end(), 0);
    List<String> keys =
        begin.compareTo(end) >= 0
            ? List.of()
            : new ArrayList<>(view.subMap(begin, end).keySet());
    if (range.reverse()) {
      keys = new ArrayList<>(keys);
      Collections.reverse(keys);
    }
    List<String> rows = new ArrayList<>();
    for (String key : keys) {
      if (range.limit() != 0 && rows.size() == 2 * range.limit()) {
        break;
      }
      rows.add(key);
      rows.add(view.get(key));
    }
    return rows;
  }

  // Unreadable ranges

  /** Whether the operation could meet an unreadable key. */
  boolean mayMeetUnreadable(Operation operation) {
    return switch (operation) {
      case Get get -> unreadable.stream().anyMatch(range -> range.contains(get.key()));
      default -> {
        // Selectors may walk through unreadable keys, and a range resolves them before it reads.
        ModelRange hull = hull(operation, result(operation));
        ModelRange wide = new ModelRange(hull.begin(), hull.end() + "\0");
        yield unreadable.stream().anyMatch(range -> range.overlaps(wide));
      }
    };
  }

  /** Whether the result spans an unreadable key. */
  boolean mustMeetUnreadable(Operation operation, StepResult result) {
    if (operation instanceof Get get) {
      return surelyUnreadable.stream().anyMatch(range -> range.contains(get.key()));
    }
    if (result.rows().size() < 4) {
      return false;
    }
    String first = result.rows().getFirst();
    String last = result.rows().get(result.rows().size() - 2);
    ModelRange span = new ModelRange(min(first, last), max(first, last) + "\0");
    return surelyUnreadable.stream().anyMatch(range -> range.overlaps(span));
  }

  /** The range of all keys that the operation may depend on. */
  static ModelRange hull(Operation operation, StepResult result) {
    return switch (operation) {
      case Get get -> ModelRange.ofKey(get.key());
      case GetKey get -> {
        String key = get.selector().key();
        String found = result.key() == null ? key : result.key();
        yield new ModelRange(min(key, found), max(key, found) + "\0");
      }
      case GetRange get -> {
        String low = reach(get.begin(), false, min(get.begin().key(), get.end().key()));
        low = reach(get.end(), false, low);
        String high = max(get.begin().key(), get.end().key()) + "\0";
        high = reach(get.end(), true, reach(get.begin(), true, high));
        for (int i = 0; i < result.rows().size(); i += 2) {
          low = min(low, result.rows().get(i));
          high = max(high, result.rows().get(i) + "\0");
        }
        yield new ModelRange(low, high);
      }
      default -> throw new IllegalArgumentException("" + operation);
    };
  }

  /** How far a selector may walk: to the end of the database if its offset is not the usual one. */
  private static String reach(Selector selector, boolean up, String otherwise) {
    if (up) {
      return selector.offset() > 0 ? selector.offset() > 1 ? END : otherwise : otherwise;
    }
    return selector.offset() < 1 ? "" : otherwise;
  }

  // Commit

  TreeMap<String, String> committed(String stamp) {
    TreeMap<String, String> after = new TreeMap<>(view);
    for (Operation operation : writes) {
      if (operation instanceof StampValue value && "".equals(view.get(value.key()))
          && lastWrite(value.key()) instanceof StampValue) {
        after.put(value.key(), stamp);
      }
    }
    for (int i = 0; i < writes.size(); i++) {
      if (writes.get(i) instanceof StampKey key && !clearedAfter(i, key.prefix() + stamp)) {
        after.put(key.prefix() + stamp, key.value());
      }
    }
    return after;
  }

  /** The last single-key write of a key. */
  private @Nullable Operation lastWrite(String key) {
    Operation last = null;
    for (Operation operation : writes) {
      if (operation instanceof Set set && set.key().equals(key)
          || operation instanceof StampValue stamp && stamp.key().equals(key)) {
        last = operation;
      }
    }
    return last;
  }

  private boolean clearedAfter(int index, String key) {
    return writes.subList(index + 1, writes.size()).stream()
        .anyMatch(
            operation -> operation instanceof ClearRange clear
                && new ModelRange(clear.begin(), clear.end()).contains(key));
  }

  /** Whether the selectors alone show that the range is empty. */
  static boolean isInverted(GetRange range) {
    String begin = range.begin().key() + (range.begin().orEqual() ? "\0" : "");
    String end = range.end().key() + (range.end().orEqual() ? "\0" : "");
    return range.begin().offset() >= range.end().offset() && begin.compareTo(end) >= 0;
  }

  /** The ranges that other transactions conflict with. */
  List<ModelRange> touched() {
    List<ModelRange> touched = new ArrayList<>(cleared);
    for (Operation operation : writes) {
      switch (operation) {
        case Set set -> touched.add(ModelRange.ofKey(set.key()));
        case Mutate mutate -> touched.add(ModelRange.ofKey(mutate.key()));
        case StampValue stamp -> touched.add(ModelRange.ofKey(stamp.key()));
        case WriteConflict conflict ->
            touched.add(new ModelRange(conflict.begin(), conflict.end()));
        default -> {
          // Cleared ranges are already included; stamped keys appear as changes.
        }
      }
    }
    return touched;
  }

  /** The underlying data, for messages. */
  TreeMap<String, String> base() {
    return base;
  }
}
