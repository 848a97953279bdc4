package io.divan.logging;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What is logged of requests and transactions. Durations are numbers with a unit, such as {@code
 * 500ms} or {@code 5s}; {@code 0} and {@code off} mean that none is slow.
 *
 * @param slowRequest how long a request takes, without waits for its client or for events, before
 *     it is logged as slow
 * @param slowTransaction how long a transaction of the storage takes before it is logged as slow
 * @param access the access log
 */
@ConfigurationProperties("divan.logging")
record LoggingProperties(
    @DefaultValue("5s") String slowRequest,
    @DefaultValue("1s") String slowTransaction,
    @DefaultValue Access access) {

  /**
   * The access log.
   *
   * @param enabled whether each request is logged after it has ended
   */
  record Access(@DefaultValue("false") boolean enabled) {}
}
