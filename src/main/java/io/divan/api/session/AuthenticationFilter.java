package io.divan.api.session;

import io.divan.api.http.ApiException;
import io.divan.api.http.ClientAddress;
import io.divan.api.http.Principals;
import io.divan.document.DocumentException;
import io.divan.security.Access;
import io.divan.security.Authenticator;
import io.divan.security.Caller;
import io.divan.security.ServerAction;
import io.divan.security.password.PasswordHasher;
import io.divan.storage.StorageException;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.servlet.HandlerExceptionResolver;

/**
 * The one filter of the security chain: finds out who sends a request, and refuses requests without
 * a valid user where the configuration wants one.
 *
 * <p>Of the actuator, {@code health} with its probes is open, {@code prometheus} needs the role
 * {@code _metrics} unless it is opened, and everything else needs a server administrator. Health
 * has details for server administrators and on a separate management port. Its probes never depend
 * on the storage of users.
 */
final class AuthenticationFilter extends OncePerRequestFilter {

  /** The attribute of the servlet context of a separate management port. */
  static final String MANAGEMENT_PORT = "io.divan.management-port";

  private static final String BASIC = "Basic ";
  private static final String BEARER = "Bearer ";
  private static final String COOKIE = "AuthSession";
  private static final String ACTUATOR = "/actuator";
  private static final String HEALTH = ACTUATOR + "/health";
  private static final Set<String> PROBES = Set.of("/liveness", "/readiness");
  private static final String PROMETHEUS = ACTUATOR + "/prometheus";

  private final Authenticator authenticator;
  private final Access access;
  private final SessionCookieWriter cookies;
  private final HandlerExceptionResolver errors;
  private final AuthenticationMeters meters;

  AuthenticationFilter(
      Authenticator authenticator,
      Access access,
      SessionCookieWriter cookies,
      HandlerExceptionResolver errors,
      AuthenticationMeters meters) {
    this.meters = meters;
    this.authenticator = authenticator;
    this.access = access;
    this.cookies = cookies;
    this.errors = errors;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    try {
      Caller caller = caller(request);
      authorizeActuator(request, caller);
      caller.cookie().ifPresent(value -> cookies.set(request, response, value));
      Principals.set(request, caller.principal());
      Callers.set(request, caller);
    } catch (RuntimeException e) {
      errors.resolveException(request, response, null, e);
      return;
    }
    chain.doFilter(healthDetails(request), response);
  }

  private HttpServletRequest healthDetails(HttpServletRequest request) {
    if (!isHealth(request.getRequestURI())) {
      return request;
    }
    boolean permitted =
        request.getServletContext().getAttribute(MANAGEMENT_PORT) != null
            || Callers.of(request).principal().isServerAdmin();
    return permitted ? new AdministratorRequest(request) : request;
  }

  private static boolean isHealth(String path) {
    return path.equals(HEALTH) || path.startsWith(HEALTH + "/");
  }

  /** A request by which Spring Boot recognizes an administrator. */
  private static final class AdministratorRequest extends HttpServletRequestWrapper {
    private static final String ROLE = "_admin";

    AdministratorRequest(HttpServletRequest request) {
      super(request);
    }

    @Override
    public java.security.Principal getUserPrincipal() {
      return () -> ROLE;
    }

    @Override
    public boolean isUserInRole(String role) {
      return role.equals(ROLE);
    }
  }

  private Caller caller(HttpServletRequest request) {
    String path = request.getRequestURI();
    if (isHealth(path)) {
      String rest = path.substring(HEALTH.length());
      if (rest.lastIndexOf('/') > 0 || rest.indexOf('%') >= 0) {
        throw new DocumentException.NotFound("missing"); // Spring Boot fails for such paths
      }
      return PROBES.contains(rest) ? authenticator.anonymous() : readerOfHealth(request);
    }
    Caller caller = authenticate(request);
    boolean isAnonymous = caller.handler().isEmpty();
    if (isAnonymous && requiresUser(request, path)) {
      throw new DocumentException.Unauthorized("Authentication required.");
    }
    return caller;
  }

  /** The caller, or an anonymous one if the storage of users fails: health reports that. */
  private Caller readerOfHealth(HttpServletRequest request) {
    try {
      return authenticator.authenticate(credentials(request));
    } catch (StorageException e) {
      return authenticator.anonymous();
    }
  }

  private Caller authenticate(HttpServletRequest request) {
    AuthenticationMeters.Result result = AuthenticationMeters.Result.REFUSED;
    String handler = "";
    try {
      Caller caller = authenticator.authenticate(credentials(request));
      handler = caller.handler().orElse("");
      result = AuthenticationMeters.Result.ACCEPTED;
      return caller;
    } catch (PasswordHasher.Overloaded e) {
      result = AuthenticationMeters.Result.OVERLOADED;
      throw e;
    } catch (DocumentException.Forbidden e) {
      result = AuthenticationMeters.Result.LOCKED;
      throw e;
    } finally {
      boolean isFailure = result != AuthenticationMeters.Result.ACCEPTED;
      meters.count(isFailure ? refusing(request) : handler, result);
    }
  }

  /** The handler that refused a request: the cookie is tried before name and password. */
  private static String refusing(HttpServletRequest request) {
    String header = request.getHeader("Authorization");
    return header == null ? "cookie" : header.startsWith(BEARER) ? "jwt" : "default";
  }

  private boolean requiresUser(HttpServletRequest request, String path) {
    if (path.equals("/_session") && request.getMethod().equals("POST")) {
      return false; // everybody may log in
    }
    if (path.equals(PROMETHEUS) && access.opensMetrics()) {
      return false;
    }
    return path.equals("/_up") ? access.requiresUserForUp() : access.requiresUser();
  }

  private void authorizeActuator(HttpServletRequest request, Caller caller) {
    String path = request.getRequestURI();
    if (!path.startsWith(ACTUATOR + "/") || isHealth(path)) {
      return;
    }
    if (!path.equals(PROMETHEUS)) {
      access.check(caller.principal(), ServerAction.ADMINISTER);
    } else if (!access.opensMetrics()) {
      access.check(caller.principal(), ServerAction.READ_METRICS);
    }
  }

  private static Authenticator.Credentials credentials(HttpServletRequest request) {
    String header = request.getHeader("Authorization");
    Optional<Authenticator.NamePassword> basic = Optional.empty();
    Optional<String> bearer = Optional.empty();
    if (header != null && header.startsWith(BASIC)) {
      basic = basic(header.substring(BASIC.length()));
    } else if (header != null && header.startsWith(BEARER)) {
      bearer = Optional.of(header.substring(BEARER.length()));
    }
    return new Authenticator.Credentials(
        basic,
        bearer,
        cookie(request),
        name -> Optional.ofNullable(request.getHeader(name)),
        ClientAddress.of(request));
  }

  /** Name and password; none where they are both {@code _}, which browsers send to log out. */
  private static Optional<Authenticator.NamePassword> basic(String encoded) {
    String decoded;
    try {
      decoded = new String(Base64.getDecoder().decode(encoded.strip()), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw ApiException.badRequest("Authorization header has invalid base64 value");
    }
    int colon = decoded.indexOf(':');
    if (colon < 0 || decoded.equals("_:_")) {
      return Optional.empty();
    }
    return Optional.of(
        new Authenticator.NamePassword(
            decoded.substring(0, colon), decoded.substring(colon + 1)));
  }

  private static String unquoted(String value) {
    boolean quoted = value.length() > 1 && value.startsWith("\"") && value.endsWith("\"");
    return quoted ? value.substring(1, value.length() - 1) : value;
  }

  private static Optional<String> cookie(HttpServletRequest request) {
    Cookie[] cookies = request.getCookies();
    if (cookies == null) {
      return Optional.empty();
    }
    for (Cookie cookie : cookies) {
      if (cookie.getName().equals(COOKIE)) {
        String value = unquoted(cookie.getValue());
        if (!value.isEmpty()) {
          return Optional.of(value);
        }
      }
    }
    return Optional.empty();
  }
}
