package io.divan.storage.fdb.simulation;

import com.apple.foundationdb.KeySelector;
import com.apple.foundationdb.MutationType;
import com.apple.foundationdb.StreamingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A random program of FoundationDB operations, performed by one or several clients in turn. Keys
 * and values are text in which each character stands for a byte. The same seed gives the same
 * program.
 */
record Program(List<Step> steps) {

  /** One operation of one client, in its current transaction. */
  record Step(int client, Operation operation) {}

  /** A key selector. */
  record Selector(String key, boolean orEqual, int offset) {
    KeySelector in(String prefix) {
      return new KeySelector(Bench.b(prefix + key), orEqual, offset);
    }
  }

  /** An operation of a client. */
  sealed interface Operation {}

  record Get(String key, boolean snapshot) implements Operation {}

  record GetKey(Selector selector, boolean snapshot) implements Operation {}

  record GetRange(
      Selector begin,
      Selector end,
      int limit,
      boolean reverse,
      StreamingMode mode,
      boolean snapshot,
      boolean iterate)
      implements Operation {}

  record Set(String key, String value) implements Operation {}

  record Clear(String key) implements Operation {}

  record ClearRange(String begin, String end) implements Operation {}

  record Mutate(MutationType type, String key, String operand) implements Operation {}

  record StampValue(String key) implements Operation {}

  /** The key consists of the prefix and the stamp. */
  record StampKey(String prefix, String value) implements Operation {}

  record ReadConflict(String begin, String end) implements Operation {}

  record WriteConflict(String begin, String end) implements Operation {}

  record NextWriteNoConflict() implements Operation {}

  record SnapshotReadsOff() implements Operation {}

  record Commit() implements Operation {}

  record Abandon() implements Operation {}

  /**
   * The kind of programs to generate.
   *
   * @param clients the number of clients. If there are several, each gets its read version when a
   *     transaction begins: with own writes, the time of the first read is hard to model
   * @param steps the number of steps, not counting the final commits
   * @param blindSpots whether to include writes without conflict ranges, which make transactions
   *     not serializable
   */
  record Shape(int clients, int steps, boolean blindSpots) {}

  private static final MutationType[] MUTATIONS = {
    MutationType.ADD, MutationType.BIT_AND, MutationType.BIT_OR, MutationType.BIT_XOR,
    MutationType.APPEND_IF_FITS, MutationType.MAX, MutationType.MIN, MutationType.BYTE_MIN,
    MutationType.BYTE_MAX, MutationType.COMPARE_AND_CLEAR
  };

  static Program of(long seed, Shape shape) {
    return new Maker(new SplittableRandom(seed), shape).make();
  }

  private record Maker(SplittableRandom random, Shape shape) {

    Program make() {
      List<Step> steps = new ArrayList<>();
      for (int i = 0; i < shape.steps; i++) {
        steps.add(new Step(random.nextInt(shape.clients), operation()));
      }
      for (int client = 0; client < shape.clients; client++) {
        steps.add(new Step(client, new Commit()));
      }
      return new Program(steps);
    }

    private Operation operation() {
      return switch (random.nextInt(20)) {
        case 0, 1 -> new Get(anyKey(), random.nextInt(4) == 0);
        case 2, 3 -> new GetKey(selector(), random.nextInt(4) == 0);
        case 4, 5, 6 -> range();
        case 7, 8, 9 -> new Set(random.nextInt(8) == 0 ? stampedKey() : key(), value());
        case 10 -> new Clear(anyKey());
        case 11 -> clearRange();
        case 12, 13, 14 -> new Mutate(MUTATIONS[random.nextInt(MUTATIONS.length)], key(), value());
        case 15 -> stamp();
        case 16 -> conflict();
        case 17 -> rare();
        default -> new Commit();
      };
    }

    private Operation clearRange() {
      String a = key();
      String b = key();
      return a.compareTo(b) <= 0 ? new ClearRange(a, b) : new ClearRange(b, a);
    }

    private Operation conflict() {
      String a = key();
      String b = key();
      String begin = a.compareTo(b) <= 0 ? a : b;
      String end = a.compareTo(b) <= 0 ? b : a;
      return random.nextBoolean() ? new ReadConflict(begin, end) : new WriteConflict(begin, end);
    }

    private Operation stamp() {
      return switch (random.nextInt(3)) {
        case 0 -> new StampKey("s", value());
        case 1 -> new StampValue(stampedKey());
        default -> new Set(key(), value());
      };
    }

    private Operation rare() {
      return switch (random.nextInt(4)) {
        case 0 -> new Abandon();
        case 1 -> new SnapshotReadsOff();
        case 2 -> shape.blindSpots ? new NextWriteNoConflict() : new Get(key(), false);
        default -> new Commit();
      };
    }

    private Operation range() {
      Selector begin = selector();
      Selector end = selector();
      if (random.nextInt(4) != 0) {
        begin = new Selector(begin.key, false, 1);
        end = new Selector(end.key, false, 1);
      }
      if (begin.key.compareTo(end.key) > 0 && random.nextInt(4) != 0) {
        Selector swap = begin;
        begin = end;
        end = swap;
      }
      int limit = random.nextBoolean() ? 0 : 1 + random.nextInt(4);
      StreamingMode[] modes = StreamingMode.values();
      StreamingMode mode = modes[random.nextInt(modes.length)];
      if (mode == StreamingMode.EXACT && limit == 0) {
        mode = StreamingMode.WANT_ALL;
      }
      return new GetRange(
          begin, end, limit, random.nextBoolean(), mode, random.nextInt(4) == 0,
          random.nextBoolean());
    }

    private Selector selector() {
      boolean far = random.nextInt(6) == 0;
      int offset = far ? random.nextInt(13) - 6 : random.nextInt(2);
      return new Selector(key(), random.nextBoolean(), offset);
    }

    /** A key for stamped values; no other operation computes with its value. */
    private String stampedKey() {
      return (char) ('a' + random.nextInt(6)) + "!";
    }

    private String anyKey() {
      return random.nextInt(5) == 0 ? stampedKey() : key();
    }

    private String key() {
      String key = "" + (char) ('a' + random.nextInt(6));
      return switch (random.nextInt(6)) {
        case 0 -> key + "\0";
        case 1 -> key + (char) ('a' + random.nextInt(3));
        default -> key;
      };
    }

    private String value() {
      StringBuilder value = new StringBuilder();
      int length = random.nextInt(10) == 0 ? 120 : random.nextInt(4);
      for (int i = 0; i < length; i++) {
        value.append((char) (random.nextInt(3) == 0 ? 0 : random.nextInt(256)));
      }
      return value.toString();
    }
  }
}
