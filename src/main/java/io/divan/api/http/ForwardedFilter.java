package io.divan.api.http;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.util.function.SingletonSupplier;
import org.springframework.web.filter.OncePerRequestFilter;

/** Determines the client behind trusted proxies, for {@link ClientAddress}. */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 3)
final class ForwardedFilter extends OncePerRequestFilter {
  private final SingletonSupplier<TrustedProxies> proxies;

  /** Takes the proxies when the first request arrives, so that Tomcat logs no refused start. */
  ForwardedFilter(ObjectProvider<TrustedProxies> proxies) {
    this.proxies = SingletonSupplier.of(proxies::getObject);
  }

  @Override
  protected boolean shouldNotFilter(HttpServletRequest request) {
    return proxies.obtain().isEmpty();
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    proxies.obtain().client(request).ifPresent(client -> ClientAddress.set(request, client));
    chain.doFilter(request, response);
  }
}
