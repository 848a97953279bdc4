package io.divan.storage;

import static io.divan.storage.ContractFixture.bytes;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * One operation of a random transaction. Its result is a text that must be equal on every adapter.
 * Keys are given by number, which keeps failure messages readable.
 */
sealed interface Step {

  Table FEED = new Table(3, "feed");

  /** The keys of random rows, ascending. */
  List<byte[]> KEYS =
      List.of(
          bytes(""), bytes("\0"), bytes("\0\0"), bytes("\0\u00ff"), bytes("a"), bytes("a\0"),
          bytes("ab"), bytes("b"), bytes("\u0080"), bytes("\u00ff"), bytes("\u00ff\0"),
          bytes("\u00ff\u00ff"));

  /** The number of feeds of stamped keys. */
  int FEEDS = 2;

  /**
   * Runs the step.
   *
   * @param names returns the name of a versionstamp in results
   */
  String run(WriteTransaction transaction, Function<Versionstamp, String> names);

  /** Runs steps in order. The result of a step that reads a stamped row is "refused". */
  static List<String> runAll(
      List<Step> steps, WriteTransaction transaction, Function<Versionstamp, String> names) {
    List<String> results = new ArrayList<>();
    for (Step step : steps) {
      try {
        results.add(step.run(transaction, names));
      } catch (IllegalStateException e) {
        results.add("refused");
      }
    }
    return results;
  }

  /** Returns the equivalent read step, if the step wrote nothing. */
  default Read asRead() {
    throw new IllegalStateException("Always writes: " + this);
  }

  /** Runs the steps of a transaction that wrote nothing. */
  static List<String> readAll(
      List<Step> steps, ReadTransaction transaction, Function<Versionstamp, String> names) {
    List<String> results = new ArrayList<>();
    for (Step step : steps) {
      results.add(step.asRead().read(transaction, names));
    }
    return results;
  }

  /** A step that only reads. */
  sealed interface Read extends Step {
    String read(ReadTransaction transaction, Function<Versionstamp, String> names);

    @Override
    default String run(WriteTransaction transaction, Function<Versionstamp, String> names) {
      return read(transaction, names);
    }

    @Override
    default Read asRead() {
      return this;
    }
  }

  /** Bounds by number of key or feed; an end of -1 is that of the table. */
  record Span(Table table, int begin, int end, boolean reverse, int limit) {
    Range range() {
      Optional<byte[]> last = end < 0 ? Optional.empty() : Optional.of(key(end));
      return new Range(table, key(begin), last, reverse, limit);
    }

    private byte[] key(int number) {
      return table.equals(FEED) ? feedKey(number) : KEYS.get(number);
    }
  }

  record Get(Table table, int key) implements Read {
    @Override
    public String read(ReadTransaction transaction, Function<Versionstamp, String> names) {
      return show(transaction.get(table, KEYS.get(key)), names);
    }
  }

  record GetAll(Table table, List<Integer> keys) implements Read {
    @Override
    public String read(ReadTransaction transaction, Function<Versionstamp, String> names) {
      StringBuilder answer = new StringBuilder();
      for (Optional<byte[]> value : transaction.getAll(table, keys.stream().map(KEYS::get)
          .toList())) {
        answer.append(show(value, names)).append(' ');
      }
      return answer.toString();
    }
  }

  record Scan(Span span) implements Read {
    @Override
    public String read(ReadTransaction transaction, Function<Versionstamp, String> names) {
      return show(transaction.scan(span.range()), names);
    }
  }

  record ScanAll(List<Span> spans) implements Read {
    @Override
    public String read(ReadTransaction transaction, Function<Versionstamp, String> names) {
      StringBuilder answer = new StringBuilder();
      for (Page page : transaction.scanAll(spans.stream().map(Span::range).toList())) {
        answer.append(show(page, names)).append(' ');
      }
      return answer.toString();
    }
  }

  record Config() implements Read {
    /** The prefix of the result. The rest differs between adapters. */
    static final String PREFIX = "config ";

    @Override
    public String read(ReadTransaction transaction, Function<Versionstamp, String> names) {
      return PREFIX + transaction.configVersion();
    }
  }

  record ScanSnapshot(Span span) implements Step {
    @Override
    public String run(WriteTransaction transaction, Function<Versionstamp, String> names) {
      return show(transaction.snapshot().scan(span.range()), names);
    }
  }

  record Put(Table table, int key, String value) implements Step {
    @Override
    public String run(WriteTransaction transaction, Function<Versionstamp, String> names) {
      transaction.put(table, KEYS.get(key), bytes(value));
      return "put";
    }
  }

  record Delete(Table table, int key) implements Step {
    @Override
    public String run(WriteTransaction transaction, Function<Versionstamp, String> names) {
      transaction.delete(table, KEYS.get(key));
      return "deleted";
    }
  }

  record DeleteRange(Span span) implements Step {
    @Override
    public String run(WriteTransaction transaction, Function<Versionstamp, String> names) {
      transaction.deleteRange(span.range());
      return "deleted";
    }
  }

  record Add(int key, long delta) implements Step {
    @Override
    public String run(WriteTransaction transaction, Function<Versionstamp, String> names) {
      transaction.add(ContractFixture.OTHERS, KEYS.get(key), delta);
      return "added";
    }
  }

  /** Sets a value to "S" and a stamp. */
  record StampValue(int key) implements Step {
    @Override
    public String run(WriteTransaction transaction, Function<Versionstamp, String> names) {
      Stamp stamp = transaction.stamp();
      transaction.putStampedValue(
          ContractFixture.ROWS, KEYS.get(key), bytes("S"), stamp, new byte[0]);
      return "stamped " + stamp.position();
    }
  }

  /** Appends a row to a feed. */
  record Append(int feed, String value) implements Step {
    @Override
    public String run(WriteTransaction transaction, Function<Versionstamp, String> names) {
      Stamp stamp = transaction.stamp();
      transaction.putStampedKey(FEED, feedKey(feed), stamp, bytes("!"), bytes(value));
      return "appended " + stamp.position();
    }
  }

  /** Moves the oldest row of a feed to its end, like an update of a document. */
  record Move(int feed) implements Step {
    @Override
    public String run(WriteTransaction transaction, Function<Versionstamp, String> names) {
      Page oldest = transaction.scan(Range.prefix(FEED, feedKey(feed)).limit(1));
      for (KeyValue row : oldest.rows()) {
        transaction.delete(FEED, row.key());
        Stamp stamp = transaction.stamp();
        transaction.putStampedKey(FEED, feedKey(feed), stamp, bytes("!"), row.value());
      }
      return show(oldest, names);
    }

    /** Reads the feed; the step writes nothing if the feed is empty. */
    @Override
    public Read asRead() {
      return new Scan(new Span(FEED, feed, feed + 1, false, 1));
    }
  }

  record Bump() implements Step {
    @Override
    public String run(WriteTransaction transaction, Function<Versionstamp, String> names) {
      transaction.bumpConfigVersion();
      return "bumped";
    }
  }

  /** Returns the prefix of the keys of a feed. */
  static byte[] feedKey(int number) {
    return bytes("" + (char) ('A' + number));
  }

  private static String show(Optional<byte[]> value, Function<Versionstamp, String> names) {
    return value.map(bytes -> show(bytes, names)).orElse("absent");
  }

  private static String show(Page page, Function<Versionstamp, String> names) {
    StringBuilder answer = new StringBuilder("[");
    for (KeyValue row : page.rows()) {
      answer.append(show(row.key(), names)).append('=').append(show(row.value(), names));
      answer.append(' ');
    }
    return answer.append(page.stop()).append(']').toString();
  }

  /** Formats bytes; the stamp of a feed key or of a stamped value is replaced by its name. */
  static String show(byte[] bytes, Function<Versionstamp, String> names) {
    if (bytes.length <= Versionstamp.LENGTH) {
      return Arrays.toString(bytes);
    }
    int after = 1 + Versionstamp.LENGTH;
    return (char) bytes[0]
        + "<" + names.apply(Versionstamp.fromBytes(bytes, 1)) + ">"
        + Arrays.toString(Arrays.copyOfRange(bytes, after, bytes.length));
  }
}
