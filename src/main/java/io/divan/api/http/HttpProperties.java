package io.divan.api.http;

import jakarta.validation.constraints.Min;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * Limits of the HTTP interface.
 *
 * @param maxRequestSize the maximum size of a request body; a larger one is refused with 413
 * @param maxBufferedSize the maximum size of a request body in memory. A larger {@code _bulk_docs}
 *     is written to a temporary file. Other requests that need the whole body are refused with 413.
 * @param maxFeeds the maximum number of feeds that wait for changes at the same time; further feeds
 *     are refused with 503. The default is the number of feeds that fit the heap at {@value
 *     #FEED_BYTES} bytes each, at most {@value #FEEDS_DEFAULT_MAX}. A feed with a large filter
 *     counts as several.
 * @param drainTime how long a service that stops still serves new requests
 */
@Validated
@ConfigurationProperties("divan.http")
public record HttpProperties(
    @DefaultValue("4GB") DataSize maxRequestSize,
    @DefaultValue("16MB") DataSize maxBufferedSize,
    @Nullable @Min(1) Integer maxFeeds,
    @DefaultValue("0s") @DurationMin Duration drainTime) {
  private static final int FEED_BYTES = 232 * 1024;
  private static final int FEEDS_DEFAULT_MAX = 10_000;

  /** The maximum number of waiting feeds, as configured or by default. */
  public int feeds() {
    return maxFeeds != null ? maxFeeds : feedsByHeap();
  }

  /**
   * The default of the maximum number of open connections: the number of feeds and a tenth more, at
   * least 100. A connection with an incomplete request costs half as much memory as a feed.
   */
  public int connections() {
    long feeds = Math.max(feeds(), feedsByHeap());
    return (int) Math.min(feeds + Math.max(100, feeds / 10), Integer.MAX_VALUE);
  }

  private static int feedsByHeap() {
    return Math.clamp(Runtime.getRuntime().maxMemory() / FEED_BYTES, 1, FEEDS_DEFAULT_MAX);
  }
}
