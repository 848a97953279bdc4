package io.divan.operations;

import io.divan.storage.StorageException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Prints a refused start as a problem and what to do about it, without a stack trace. */
final class StartRefusedAnalyzer extends AbstractFailureAnalyzer<RuntimeException> {

  @Override
  protected FailureAnalysis analyze(Throwable rootFailure, RuntimeException cause) {
    return switch (cause) {
      case StartRefused refused ->
          new FailureAnalysis(refused.getMessage(), refused.action(), refused);
      case StorageException failed ->
          new FailureAnalysis(
              failed.getMessage(),
              "Look at divan.storage in the configuration, and at what the sentence above names.",
              failed);
      default -> null;
    };
  }
}
