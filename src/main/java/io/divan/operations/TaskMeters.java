package io.divan.operations;

import io.divan.background.TaskListener;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Locale;

/** The timers of background tasks. Types of tasks are constants of the code, so they are few. */
record TaskMeters(MeterRegistry registry) implements TaskListener {

  @Override
  public void ran(String type, Result result, Duration duration) {
    Timer.builder("divan.tasks")
        .description("Duration of the runs of background tasks")
        .tag("type", type)
        .tag("result", result.name().toLowerCase(Locale.ROOT))
        .register(registry)
        .record(duration);
  }
}
