package io.divan.configuration;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Describes an invalid property in one sentence, without a stack trace. */
final class InvalidPropertyAnalyzer extends AbstractFailureAnalyzer<InvalidProperty> {

  @Override
  protected FailureAnalysis analyze(Throwable root, InvalidProperty cause) {
    return new FailureAnalysis(
        cause.getMessage(), "Change " + cause.property() + " in the configuration.", cause);
  }
}
