package io.divan.api.http;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Optional;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.stereotype.Component;
import org.springframework.util.function.SingletonSupplier;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Sets the headers that all responses have in common, those of CORS included, and responds to CORS
 * preflights. It precedes everything that can refuse a request, so that pages of accepted origins
 * can read every error, and preflights, which carry no credentials, need none.
 *
 * <p>Spring's own CORS support is not used, because its responses differ from CouchDB's: it refuses
 * requests of other origins with 403, where CouchDB serves them without CORS headers; it answers
 * preflights with 200; and it does not know settings for a host.
 *
 * <p>Unlike CouchDB, each response has {@code Vary: Origin} while CORS is enabled, so that caches
 * keep the responses to different origins apart.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 5)
final class HeadersFilter extends OncePerRequestFilter {
  /** The header with the request's id, which also appears in the log. */
  static final String REQUEST_ID = "X-Couch-Request-ID";

  static final String NO_SNIFF_NAME = "X-Content-Type-Options";
  static final String NO_SNIFF = "nosniff";

  private static final String FRAME_OPTIONS = "X-Frame-Options";

  private final SingletonSupplier<CorsSettings> cors;
  private final SingletonSupplier<HeaderSettings> settings;

  /** Takes the settings when the first request arrives: Tomcat needs its filters before them. */
  HeadersFilter(ObjectProvider<CorsSettings> cors, ObjectProvider<HeaderSettings> settings) {
    this.cors = SingletonSupplier.of(cors::getObject);
    this.settings = SingletonSupplier.of(settings::getObject);
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    response.setHeader(NO_SNIFF_NAME, NO_SNIFF);
    if (CouchFilter.isActuator(request)) {
      chain.doFilter(request, response);
      return;
    }
    HeaderSettings headers = settings.obtain();
    response.setHeader("Server", headers.server());
    response.setHeader("Cache-Control", "must-revalidate");
    ServedRequest served = ServedRequest.of(request);
    if (served != null) {
      response.setHeader(REQUEST_ID, served.id());
    }
    if (headers.hasFrameOptions()) {
      response.setHeader(FRAME_OPTIONS, headers.frameOptions(Responses.origin(request)));
    }
    if (cors.obtain().isEnabled() && isPreflight(request, response)) {
      response.setStatus(HttpServletResponse.SC_NO_CONTENT);
      return;
    }
    chain.doFilter(request, response);
  }

  /** Sets the headers of CORS. Returns whether the response is complete with them. */
  private boolean isPreflight(HttpServletRequest request, HttpServletResponse response) {
    response.addHeader(HttpHeaders.VARY, HttpHeaders.ORIGIN);
    String origin = request.getHeader(HttpHeaders.ORIGIN);
    if (origin == null) {
      return false;
    }
    Optional<CorsPolicy> policy = cors.obtain().policy(ClientAddress.hostName(request));
    if (policy.isEmpty() || !policy.get().accepts(origin)) {
      return false;
    }
    if (policy.get().allowsPreflight(request)) {
      policy.get().preflight(request, response, origin);
      return true;
    }
    policy.get().response(response, origin);
    return false;
  }
}
