package io.divan.api.session;

import io.divan.security.Access;
import io.divan.security.Authenticator;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.List;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.authentication.AuthenticationManager;
import org.springframework.security.authentication.AuthenticationServiceException;
import org.springframework.security.config.observation.SecurityObservationSettings;
import org.springframework.security.web.DefaultSecurityFilterChain;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.firewall.FirewalledRequest;
import org.springframework.security.web.firewall.HttpFirewall;
import org.springframework.security.web.util.matcher.AnyRequestMatcher;
import org.springframework.web.servlet.HandlerExceptionResolver;

/**
 * Spring Security's filter chain. It contains only this service's own filter: no login page, no
 * Spring session, no saved requests, none of the headers that CouchDB does not send.
 *
 * <p>There is no CSRF token, as in CouchDB. A page of another site cannot send what changes
 * documents: JSON bodies, PUT and DELETE need a preflight, which only the configured origins pass,
 * and the session cookie can be limited to this site with {@code chttpd_auth/same_site}.
 */
@Configuration(proxyBeanMethods = false)
class SecurityChain {

  @Bean
  SecurityFilterChain couchFilterChain(
      Authenticator authenticator,
      Access access,
      SessionCookieWriter cookies,
      @Qualifier("handlerExceptionResolver") HandlerExceptionResolver errors,
      AuthenticationMeters meters) {
    return new DefaultSecurityFilterChain(
        AnyRequestMatcher.INSTANCE,
        List.of(new AuthenticationFilter(authenticator, access, cookies, errors, meters)));
  }

  /** Keeps Spring Boot from inventing a user and logging a password. */
  @Bean
  AuthenticationManager authenticationManager() {
    return authentication -> {
      throw new AuthenticationServiceException("Requests are authenticated by the filter");
    };
  }

  /** Spans of the chain's one filter would cost more than the filter. */
  @Bean
  SecurityObservationSettings securityObservations() {
    return SecurityObservationSettings.noObservations();
  }

  /**
   * Passes every path. Spring's firewall refuses paths that it could confuse, such as {@code
   * a%2Fb}; these are names of databases and documents. No rule here matches paths: permissions
   * belong to the controller method that a request is mapped to.
   */
  @Bean
  HttpFirewall httpFirewall() {
    return new HttpFirewall() {
      @Override
      public FirewalledRequest getFirewalledRequest(HttpServletRequest request) {
        return new FirewalledRequest(request) {
          @Override
          public void reset() {}
        };
      }

      @Override
      public HttpServletResponse getFirewalledResponse(HttpServletResponse response) {
        return response;
      }
    };
  }
}
