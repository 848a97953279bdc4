package io.divan.background;

import java.time.Duration;

/** Receives a report of each run of a background task. It returns quickly and never throws. */
@FunctionalInterface
public interface TaskListener {

  /** Ignores all reports. */
  TaskListener NONE = (type, result, duration) -> {};

  /** The end of a run. */
  enum Result {
    SUCCEEDED,
    FAILED,
    /** The task was asked to stop. */
    CANCELLED
  }

  /** A task of this {@linkplain BackgroundTask#type type} has run. */
  void ran(String type, Result result, Duration duration);
}
