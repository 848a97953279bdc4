package io.divan.redb;

/**
 * The numbers of random tests. The build draws the same programs every time; {@code
 * -Ddivan.seed=N} runs the one that a failure names.
 */
final class Replay {

  private Replay() {}

  static boolean isOne() {
    return Long.getLong("divan.seed") != null;
  }

  /** The seed that was given, or this one. */
  static long seed(long usual) {
    return Long.getLong("divan.seed", usual);
  }

  /** How many of something: as many as usual, or as the property says. */
  static long count(String property, long usual) {
    return isOne() ? 1 : Long.getLong(property, usual);
  }

  /** What a failure says of it. */
  static String with(long seed) {
    return "replay with -Ddivan.seed=" + seed;
  }
}
