package io.divan.record;

import java.time.Duration;

/**
 * The limits of one page of a query. The first one reached ends the page. A page makes progress
 * whatever the limits: it reads at least one record.
 *
 * @param rows the most records returned
 * @param scanned the most rows of indexes or records read, also those that a filter drops
 * @param bytes about the most bytes of the records returned; a larger record is returned alone
 * @param time the time after which the page ends. FoundationDB ends transactions after 5 seconds
 */
public record ReadLimits(int rows, int scanned, int bytes, Duration time) {
  /** 1,000 records from 10,000 rows, 1,000,000 bytes, 2 seconds. */
  public static final ReadLimits DEFAULT =
      new ReadLimits(1_000, 10_000, 1_000_000, Duration.ofSeconds(2));

  public ReadLimits {
    if (rows < 1 || scanned < 1 || bytes < 1 || time.isNegative()) {
      throw new IllegalArgumentException("Limits of a page are positive");
    }
  }

  /** Returns the usual limits with another number of records. */
  public static ReadLimits rows(int rows) {
    return new ReadLimits(
        rows, Math.max(rows, DEFAULT.scanned()), DEFAULT.bytes(), DEFAULT.time());
  }

  /** Returns these limits with another number of rows read. */
  public ReadLimits scanned(int scanned) {
    return new ReadLimits(rows, scanned, bytes, time);
  }

  /** Returns these limits with another number of bytes. */
  public ReadLimits bytes(int bytes) {
    return new ReadLimits(rows, scanned, bytes, time);
  }

  /** Returns these limits with another time. */
  public ReadLimits time(Duration time) {
    return new ReadLimits(rows, scanned, bytes, time);
  }
}
