package io.divan.storage;

/**
 * The seeds of random tests. The build uses fixed seeds; {@code -Ddivan.seed=N} sets another one.
 */
public final class Seeds {

  private Seeds() {}

  /** Returns the seed to use: {@code usual} unless the property is set. */
  public static long seed(long usual) {
    return Long.getLong("divan.seed", usual);
  }

  /** Returns the text for failure messages. */
  public static String replay(long seed) {
    return "replay with -Ddivan.seed=" + seed;
  }
}
