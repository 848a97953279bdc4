package io.divan.operations;

import io.divan.storage.StorageException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;

/** Describes a refused start as a problem and an action, without a stack trace. */
final class StartRefusedAnalyzer implements FailureAnalyzer {

  /** Searches the causes of Spring's exception for one of this service. */
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
              "Check divan.storage in the configuration, and the file or server named above.",
              failed);
        }
        default -> {
          // an exception of Spring
        }
      }
    }
    return null;
  }
}
