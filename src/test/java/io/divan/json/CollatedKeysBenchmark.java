package io.divan.json;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;

/** Measures the encoding of collated keys. Run by hand; prints nanoseconds for each key. */
final class CollatedKeysBenchmark {
  private static final int VALUES = 1_000;
  private static final int ROUNDS = 300;

  private CollatedKeysBenchmark() {}

  public static void main(String[] args) throws InterruptedException {
    Random random = new Random(1);
    measure("integers", () -> new JsonValue.Num(Integer.toString(random.nextInt(1_000_000))));
    measure("decimals", () -> new JsonValue.Num(Double.toString(random.nextDouble())));
    for (int length : new int[] {5, 10, 20, 100}) {
      measure(length + " letters", () -> letters(random, length));
    }
    measure(
        "[letters, integer]",
        () -> new JsonValue.Arr(
            List.of(letters(random, 10), new JsonValue.Num(random.nextInt(100) + ""))));
  }

  private static JsonValue letters(Random random, int length) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.append((char) ('a' + random.nextInt(26)));
    }
    return new JsonValue.Str(text.toString());
  }

  private static void measure(String name, Supplier<JsonValue> maker)
      throws InterruptedException {
    List<JsonValue> values = new ArrayList<>();
    for (int i = 0; i < VALUES; i++) {
      values.add(maker.get());
    }
    run(values);
    long start = System.nanoTime();
    long bytes = run(values);
    double one = (System.nanoTime() - start) / (double) VALUES / ROUNDS;
    start = System.nanoTime();
    Thread other = Thread.ofPlatform().start(() -> run(values));
    run(values);
    other.join();
    double two = (System.nanoTime() - start) / (double) VALUES / ROUNDS;
    System.out.printf(
        "%-20s %6.1f bytes %7.0f ns, in each of two threads %7.0f ns%n",
        name, bytes / (double) VALUES / ROUNDS, one, two);
  }

  private static long run(List<JsonValue> values) {
    long bytes = 0;
    for (int round = 0; round < ROUNDS; round++) {
      for (JsonValue value : values) {
        bytes += CollatedKeys.encode(value).length;
      }
    }
    return bytes;
  }
}
