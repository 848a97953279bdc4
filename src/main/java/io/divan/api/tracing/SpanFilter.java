package io.divan.api.tracing;

import io.divan.api.http.ServedRequest;
import io.micrometer.tracing.Span;
import io.micrometer.tracing.Tracer;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.util.function.SingletonSupplier;
import org.springframework.web.filter.OncePerRequestFilter;

/** Makes the transactions of a traced request children of its span, which Spring has begun. */
@Order(Ordered.HIGHEST_PRECEDENCE + 2)
final class SpanFilter extends OncePerRequestFilter {
  private final SingletonSupplier<Tracer> tracer;

  /** Takes the tracer when the first request arrives: Tomcat needs its filters before it. */
  SpanFilter(ObjectProvider<Tracer> tracer) {
    this.tracer = SingletonSupplier.of(tracer::getObject);
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    Span span = tracer.obtain().currentSpan();
    ServedRequest served = ServedRequest.of(request);
    if (span != null && served != null) {
      served.observe(
          span.context().traceId(), new TransactionSpans(tracer.obtain(), span.context()));
      span.tag("divan.request", served.id());
    }
    chain.doFilter(request, response);
  }
}
