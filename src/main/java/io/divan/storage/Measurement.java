package io.divan.storage;

import java.util.Map;

/**
 * A number that an engine reports about itself, for monitoring.
 *
 * @param name its name in lower case, with dots between the words, such as {@code redb.cache}
 * @param kind whether it can fall
 * @param unit {@code bytes}, {@code seconds}, or empty for a count
 * @param labels distinguish numbers of one name; their values are constants
 * @param description what it counts, in one line
 * @param value the number now
 */
public record Measurement(
    String name,
    Kind kind,
    String unit,
    Map<String, String> labels,
    String description,
    double value) {

  /** The name of {@link #openDatabases}. */
  public static final String OPEN_DATABASES = "storage.open.databases";

  /** The kind of a number. */
  public enum Kind {
    /** The present state. */
    GAUGE,
    /** Counts from zero since the adapter was opened. */
    COUNTER
  }

  /** The number of databases that an adapter has open. Every adapter reports it. */
  public static Measurement openDatabases(long count) {
    return gauge(OPEN_DATABASES, "", "Databases that the storage has open", (double) count);
  }

  /** A state without labels. */
  public static Measurement gauge(String name, String unit, String description, double value) {
    return new Measurement(name, Kind.GAUGE, unit, Map.of(), description, value);
  }

  /** A count since the opening. */
  public static Measurement counter(
      String name, String unit, Map<String, String> labels, String description, double value) {
    return new Measurement(name, Kind.COUNTER, unit, labels, description, value);
  }
}
