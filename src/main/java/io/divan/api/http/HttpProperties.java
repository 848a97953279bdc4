package io.divan.api.http;

import jakarta.validation.constraints.Min;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * Limits of the HTTP interface.
 *
 * @param maxRequestSize the largest body of a request; a larger one is answered 413
 * @param maxBufferedSize how much of a request is held in memory: a larger {@code _bulk_docs} goes
 *     to a temporary file, any other larger body that is read as a whole is answered 413
 * @param maxFeeds how many feeds wait for changes at the same time; one more is answered 503. Where
 *     it is not set: as many as fit the heap at {@value #FEED_BYTES} bytes each, {@value
 *     #FEEDS_USUAL} at most. A feed whose filter is large counts as several.
 */
@Validated
@ConfigurationProperties("divan.http")
public record HttpProperties(
    @DefaultValue("4GB") DataSize maxRequestSize,
    @DefaultValue("16MB") DataSize maxBufferedSize,
    @Nullable @Min(1) Integer maxFeeds) {
  private static final int FEED_BYTES = 208 * 1024;
  private static final int FEEDS_USUAL = 10_000;

  /** The limit on feeds, as set or by the heap. */
  public int feeds() {
    return maxFeeds != null ? maxFeeds : fitting();
  }

  /**
   * How many connections are open at the same time, where it is not set: a tenth more than feeds,
   * as set or fitting. One that has sent a part of its request costs half as much as a feed.
   */
  int connections() {
    long most = Math.max(feeds(), fitting());
    return (int) Math.min(most + Math.max(100, most / 10), Integer.MAX_VALUE);
  }

  private static int fitting() {
    return Math.clamp(Runtime.getRuntime().maxMemory() / FEED_BYTES, 1, FEEDS_USUAL);
  }
}
