package io.divan.operations;

import java.time.Duration;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/** Bounds the time of a stop: the drain time, the grace period of requests, and the closing. */
@Component
final class StopDeadline {

  /** For background tasks to end, and for files to be closed. */
  private static final Duration CLOSING = Duration.ofSeconds(30);

  StopDeadline(ObjectProvider<StopSignals> signals, Environment environment) {
    signals.ifAvailable(stop -> stop.deadline(of(environment)));
  }

  /** Returns the longest time of a stop. Terminal commands have no HTTP server to drain. */
  static Duration of(Environment environment) {
    Binder binder = Binder.get(environment);
    Duration drain = binder.bind("divan.http.drain-time", Duration.class).orElse(Duration.ZERO);
    Duration phase =
        binder.bind("spring.lifecycle.timeout-per-shutdown-phase", Duration.class)
            .orElse(Duration.ZERO);
    return drain.plus(phase).plus(CLOSING);
  }
}
