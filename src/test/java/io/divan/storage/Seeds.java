package io.divan.storage;

/** The seeds of random tests: fixed in the build, another one by {@code -Ddivan.seed=N}. */
public final class Seeds {

  private Seeds() {}

  /** The seed to use; {@code usual} unless one was given. */
  public static long seed(long usual) {
    return Long.getLong("divan.seed", usual);
  }

  /** What a failure message says of it. */
  public static String replay(long seed) {
    return "replay with -Ddivan.seed=" + seed;
  }
}
