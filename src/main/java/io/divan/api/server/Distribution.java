package io.divan.api.server;

import io.divan.api.http.RecentValues;
import io.divan.json.JsonBuffer;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/**
 * The distribution of recent values, as CouchDB's statistics show it.
 *
 * @param buckets the values in ascending order
 */
record Distribution(List<RecentValues.Bucket> buckets) {

  /** CouchDB's percentiles; 999 means 99.9. */
  private static final int[] PERCENTILES = {50, 75, 90, 95, 99, 999};

  long count() {
    return buckets.stream().mapToLong(RecentValues.Bucket::count).sum();
  }

  double sum() {
    return total(value -> value);
  }

  private double total(DoubleUnaryOperator function) {
    double total = 0;
    for (RecentValues.Bucket bucket : buckets) {
      total += bucket.count() * function.applyAsDouble(bucket.value());
    }
    return total;
  }

  /** The value below which a fraction of the values lie; 0 if there is none. */
  double quantile(double fraction) {
    double left = fraction * count();
    for (RecentValues.Bucket bucket : buckets) {
      left -= bucket.count();
      if (left <= 0) {
        return bucket.value();
      }
    }
    return 0;
  }

  /** Appends CouchDB's object. Its {@code histogram} is always a single pair of zeros there. */
  void appendTo(JsonBuffer out) {
    long n = count();
    double mean = n == 0 ? 0 : sum() / n;
    double variance = n < 2 ? 0 : total(value -> Math.pow(value - mean, 2)) / (n - 1);
    double deviation = Math.sqrt(variance);
    boolean flat = deviation == 0;
    boolean zero = n == 0 || buckets.getFirst().value() == 0;
    out.raw("{\"n\":").number(n);
    member(out, "min", n == 0 ? 0 : buckets.getFirst().value());
    member(out, "max", n == 0 ? 0 : buckets.getLast().value());
    member(out, "arithmetic_mean", mean);
    member(out, "geometric_mean", zero ? 0 : Math.exp(total(Math::log) / n));
    member(out, "harmonic_mean", zero ? 0 : n / total(value -> 1 / value));
    member(out, "median", quantile(0.5));
    member(out, "variance", variance);
    member(out, "standard_deviation", deviation);
    member(
        out,
        "skewness",
        flat ? 0 : total(value -> Math.pow((value - mean) / deviation, 3)) / n);
    member(
        out,
        "kurtosis",
        flat ? 0 : total(value -> Math.pow((value - mean) / deviation, 4)) / n - 3);
    out.raw(",\"percentile\":[");
    for (int i = 0; i < PERCENTILES.length; i++) {
      int percentile = PERCENTILES[i];
      double fraction = percentile > 100 ? percentile / 1e3 : percentile / 1e2;
      out.raw(i == 0 ? "[" : ",[").number(percentile).raw(',');
      out.raw(Numbers.text(quantile(fraction))).raw(']');
    }
    out.raw("],\"histogram\":[[0,0]]}");
  }

  private static void member(JsonBuffer out, String name, double value) {
    out.raw(",\"").raw(name).raw("\":").raw(Numbers.text(value));
  }
}
