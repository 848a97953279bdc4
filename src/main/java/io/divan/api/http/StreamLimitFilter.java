package io.divan.api.http;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.concurrent.Semaphore;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Limits the HTTP/2 requests that run at the same time to the maximum number of connections.
 * Otherwise a client could run a hundred times as many, because each connection carries many. A
 * further request is refused with 503.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 7)
final class StreamLimitFilter extends OncePerRequestFilter {
  private final Semaphore permits;

  @Autowired
  StreamLimitFilter(HttpProperties properties) {
    this(properties.connections());
  }

  StreamLimitFilter(int requestsMax) {
    permits = new Semaphore(requestsMax);
  }

  @Override
  protected boolean shouldNotFilter(HttpServletRequest request) {
    return !request.getProtocol().equals(RequestBodies.HTTP_2);
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    if (!permits.tryAcquire()) {
      response.setHeader("Retry-After", "5");
      Responses.error(
          response, 503, "service_unavailable", "Too many requests run now: retry later");
      return;
    }
    try {
      chain.doFilter(request, response);
    } finally {
      permits.release();
    }
  }
}
