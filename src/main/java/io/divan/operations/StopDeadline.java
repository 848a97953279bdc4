package io.divan.operations;

import io.divan.api.http.HttpProperties;
import java.time.Duration;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/** Bounds the time of a stop: the drain time, the grace period of requests, and the closing. */
@Component
final class StopDeadline {

  /** For background tasks to end, and for files to be closed. */
  private static final Duration CLOSING = Duration.ofSeconds(30);

  StopDeadline(
      ObjectProvider<StopSignals> signals,
      HttpProperties http,
      @Value("${spring.lifecycle.timeout-per-shutdown-phase}") Duration phase) {
    signals.ifAvailable(
        stop -> stop.deadline(of(http.drainTime(), phase)));
  }

  /** Returns the longest time of a stop. */
  static Duration of(Duration drain, Duration phase) {
    return drain.plus(phase).plus(CLOSING);
  }
}
