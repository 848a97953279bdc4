package io.divan.api.tracing;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.AutoConfigurationImportFilter;
import org.springframework.boot.autoconfigure.AutoConfigurationMetadata;
import org.springframework.context.EnvironmentAware;
import org.springframework.core.env.Environment;

/**
 * Leaves out Spring Boot's configurations of tracing unless {@code divan.tracing.enabled} is true.
 * OpenTelemetry's SDK is not started then, and requests have no spans, not even empty ones.
 */
final class TracingSwitch implements AutoConfigurationImportFilter, EnvironmentAware {
  private static final List<String> PACKAGES =
      List.of(
          "org.springframework.boot.micrometer.tracing.",
          "org.springframework.boot.opentelemetry.",
          // Observes requests for spans; they are measured by a leaner filter of our own.
          "org.springframework.boot.webmvc.autoconfigure.WebMvcObservationAutoConfiguration");

  /** OpenTelemetry's logs: lines are never exported by this service. */
  private static final String LOGGING =
      "org.springframework.boot.opentelemetry.autoconfigure.logging.";

  private boolean isEnabled;

  @Override
  public void setEnvironment(Environment environment) {
    isEnabled = environment.getProperty("divan.tracing.enabled", Boolean.class, false);
  }

  @Override
  public boolean[] match(
      @Nullable String[] configurations, AutoConfigurationMetadata metadata) {
    boolean[] matches = new boolean[configurations.length];
    for (int i = 0; i < configurations.length; i++) {
      String name = configurations[i];
      matches[i] = name == null || isImported(name);
    }
    return matches;
  }

  private boolean isImported(String name) {
    return isEnabled
        ? !name.startsWith(LOGGING)
        : PACKAGES.stream().noneMatch(name::startsWith);
  }
}
