package io.divan.api.http;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.LongSupplier;

/**
 * The distribution of the values of the last ten seconds, for CouchDB's statistics. Values are
 * rounded to at most 5 %. Safe for use by many threads; a value that is recorded while a second
 * begins can be lost.
 */
public final class RecentValues {

  /** CouchDB's interval, and the interval that is being filled. */
  private static final int SECONDS = 11;

  /** Values from 0.001 to about 10^7, in steps of 10 %. */
  private static final int BUCKETS = 242;

  private static final double FACTOR = Math.log(1.1);
  private static final double LEAST = 0.001;
  private static final double[] MIDDLES = middles();

  /** The values of one second: how many lie in each bucket. */
  private static final class Second {
    private final AtomicIntegerArray counts = new AtomicIntegerArray(BUCKETS);
    private volatile long number = Long.MIN_VALUE;
  }

  private final LongSupplier nanoTime;
  private final Second[] seconds = new Second[SECONDS];

  /** Creates an empty distribution. */
  public RecentValues(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    for (int i = 0; i < SECONDS; i++) {
      seconds[i] = new Second();
    }
  }

  private static double[] middles() {
    double[] middles = new double[BUCKETS];
    for (int i = 1; i < BUCKETS; i++) {
      middles[i] = LEAST * Math.exp((i - 0.5) * FACTOR);
    }
    return middles;
  }

  private long now() {
    return Math.floorDiv(nanoTime.getAsLong(), 1_000_000_000L);
  }

  /** Records a value. */
  public void record(double value) {
    long number = now();
    Second second = seconds[(int) Math.floorMod(number, (long) SECONDS)];
    if (second.number != number) {
      begin(second, number);
    }
    second.counts.getAndIncrement(bucket(value));
  }

  private static void begin(Second second, long number) {
    synchronized (second) {
      if (second.number != number) {
        for (int i = 0; i < BUCKETS; i++) {
          second.counts.set(i, 0);
        }
        second.number = number;
      }
    }
  }

  private static int bucket(double value) {
    return value < LEAST
        ? 0
        : Math.min(BUCKETS - 1, 1 + (int) (Math.log(value / LEAST) / FACTOR));
  }

  /** The number of values in a bucket and a value of the bucket. */
  public record Bucket(double value, long count) {}

  /** Returns the values of the last ten seconds, in ascending order. */
  public List<Bucket> buckets() {
    long number = now();
    long[] sums = new long[BUCKETS];
    for (Second second : seconds) {
      long age = number - second.number;
      if (age >= 0 && age < SECONDS) {
        for (int i = 0; i < BUCKETS; i++) {
          sums[i] += second.counts.get(i);
        }
      }
    }
    List<Bucket> buckets = new ArrayList<>();
    for (int i = 0; i < BUCKETS; i++) {
      if (sums[i] > 0) {
        buckets.add(new Bucket(MIDDLES[i], sums[i]));
      }
    }
    return buckets;
  }
}
