package io.divan.redb;

/**
 * The seeds of random tests. The build always runs the same programs; {@code -Ddivan.seed=N}
 * replays the program that a failure message names.
 */
final class Replay {

  private Replay() {}

  static boolean isOne() {
    return Long.getLong("divan.seed") != null;
  }

  /** Returns the seed from the command line, or {@code usual}. */
  static long seed(long usual) {
    return Long.getLong("divan.seed", usual);
  }

  /** Returns the number from a system property, or {@code usual}; 1 when replaying. */
  static long count(String property, long usual) {
    return isOne() ? 1 : Long.getLong(property, usual);
  }

  /** Returns the replay instruction for failure messages. */
  static String with(long seed) {
    return "replay with -Ddivan.seed=" + seed;
  }
}
