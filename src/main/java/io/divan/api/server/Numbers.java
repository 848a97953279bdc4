package io.divan.api.server;

/** Writes numbers as CouchDB does: whole ones without a fraction. */
final class Numbers {
  private static final double EXACT_MAX = 1L << 53;

  private Numbers() {}

  /** The text of a number in JSON and in Prometheus' format; 0 if it is unknown. */
  static String text(double value) {
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      return "0";
    }
    return value == Math.rint(value) && Math.abs(value) <= EXACT_MAX
        ? Long.toString((long) value)
        : Double.toString(value);
  }
}
