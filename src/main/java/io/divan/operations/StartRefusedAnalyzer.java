package io.divan.operations;

import io.divan.storage.StorageException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;

/** Prints a refused start as a problem and what to do about it, without a stack trace. */
final class StartRefusedAnalyzer implements FailureAnalyzer {

  /** Looks for ours beneath the exceptions that Spring has wrapped around it. */
  @Override
  public @Nullable FailureAnalysis analyze(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      switch (cause) {
        case StartRefused refused -> {
          return new FailureAnalysis(refused.getMessage(), refused.action(), refused);
        }
        case StorageException failed -> {
          return new FailureAnalysis(
              failed.getMessage(),
              "Look at divan.storage in the configuration, and at what the sentence above names.",
              failed);
        }
        default -> {
          // one of Spring's
        }
      }
    }
    return null;
  }
}
