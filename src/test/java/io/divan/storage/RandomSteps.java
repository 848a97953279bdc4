package io.divan.storage;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Generates random transactions as lists of steps. For use by one thread. */
final class RandomSteps {

  private final Random random;
  private final boolean withSnapshots;

  /**
   * Uses {@code random}.
   *
   * @param withSnapshots whether to include reads without conflicts, which are not serializable
   */
  RandomSteps(Random random, boolean withSnapshots) {
    this.random = random;
    this.withSnapshots = withSnapshots;
  }

  /** Returns the steps of a transaction that only reads. */
  List<Step> reads() {
    List<Step> steps = new ArrayList<>();
    for (int count = 1 + random.nextInt(4); count > 0; count--) {
      steps.add(read());
    }
    return steps;
  }

  /** Returns the steps of a transaction that may write. */
  List<Step> writes() {
    List<Step> steps = new ArrayList<>();
    for (int count = 1 + random.nextInt(7); count > 0; count--) {
      steps.add(random.nextInt(5) < 2 ? read() : write());
    }
    return steps;
  }

  private Step read() {
    return switch (random.nextInt(7)) {
      case 0, 1 -> new Step.Get(table(), key());
      case 2 -> new Step.GetAll(table(), List.of(key(), key(), key()));
      case 3 -> new Step.ScanAll(List.of(span(), span(), span()));
      case 4 -> new Step.Config();
      default -> new Step.Scan(span());
    };
  }

  private Step write() {
    return switch (random.nextInt(withSnapshots ? 16 : 14)) {
      case 0, 1, 2, 3 -> new Step.Put(table(), key(), value());
      case 4, 5 -> new Step.Delete(table(), key());
      case 6 -> new Step.DeleteRange(span());
      case 7, 8 -> new Step.Add(key(), random.nextLong(-3, 1_000_000_000_000L));
      case 9 -> new Step.StampValue(key());
      case 10, 11 -> new Step.Append(random.nextInt(Step.FEEDS), value());
      case 12 -> new Step.Move(random.nextInt(Step.FEEDS));
      case 13 -> random.nextInt(3) == 0 ? new Step.Bump() : new Step.Put(table(), key(), value());
      default -> new Step.ScanSnapshot(span());
    };
  }

  /** Returns bounds in a random table, sometimes inverted or open. */
  Step.Span span() {
    boolean ofFeeds = random.nextInt(3) == 0;
    int bound = ofFeeds ? Step.FEEDS : Step.KEYS.size();
    return new Step.Span(
        ofFeeds ? Step.FEED : table(),
        random.nextInt(bound),
        random.nextInt(-1, bound),
        random.nextBoolean(),
        random.nextBoolean() ? Range.NO_LIMIT : 1 + random.nextInt(4));
  }

  private Table table() {
    return random.nextInt(3) == 0 ? ContractFixture.OTHERS : ContractFixture.ROWS;
  }

  private int key() {
    return random.nextInt(Step.KEYS.size());
  }

  private String value() {
    return Integer.toString(random.nextInt(100_000), 36).substring(random.nextInt(2));
  }
}
