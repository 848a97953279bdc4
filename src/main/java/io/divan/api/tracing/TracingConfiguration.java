package io.divan.api.tracing;

import io.micrometer.tracing.Tracer;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The spans of transactions, if tracing is enabled. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty("divan.tracing.enabled")
class TracingConfiguration {

  @Bean
  SpanFilter spanFilter(ObjectProvider<Tracer> tracer) {
    return new SpanFilter(tracer);
  }
}
