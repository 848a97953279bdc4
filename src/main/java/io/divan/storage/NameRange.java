package io.divan.storage;

import java.util.Optional;

/**
 * A range of database names, in the order of their UTF-8 bytes.
 *
 * @param begin the least name listed; empty for the first
 * @param end the first name not listed, or nothing for all
 * @param reverse from the greatest name down
 * @param limit the most names listed, at least 1
 */
public record NameRange(String begin, Optional<String> end, boolean reverse, int limit) {
  public NameRange {
    if (limit < 1) {
      throw new IllegalArgumentException("A range's limit is at least 1, not " + limit);
    }
  }

  /** Every database. */
  public static NameRange all() {
    return new NameRange("", Optional.empty(), false, Integer.MAX_VALUE);
  }
}
