package io.divan.api.tracing;

import io.divan.api.http.RequestMeters;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.tracing.Tracer;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.server.observation.DefaultServerRequestObservationConvention;
import org.springframework.http.server.observation.ServerRequestObservationContext;
import org.springframework.http.server.observation.ServerRequestObservationConvention;

/** The spans of transactions, if tracing is enabled. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty("divan.tracing.enabled")
class TracingConfiguration {
  private static final String OBSERVATION = "divan.observed.requests";

  @Bean
  SpanFilter spanFilter(ObjectProvider<Tracer> tracer) {
    return new SpanFilter(tracer);
  }

  /** Names the span of a request by its method and the template of its route. */
  @Bean
  ServerRequestObservationConvention spansOfRequests() {
    return new DefaultServerRequestObservationConvention(OBSERVATION) {
      @Override
      public @Nullable String getContextualName(ServerRequestObservationContext context) {
        String name = super.getContextualName(context);
        return name == null ? null : RequestMeters.template(name);
      }
    };
  }

  /** Observations are for spans only: another filter measures requests already. */
  @Bean
  MeterFilter observationsWithoutMeters() {
    return MeterFilter.denyNameStartsWith(OBSERVATION);
  }
}
