package io.divan.api.session;

import io.divan.api.http.RequiresByName;
import io.divan.api.http.RequiresDatabase;
import io.divan.api.http.RequiresServer;
import io.divan.document.Action;
import io.divan.document.Databases;
import io.divan.document.Principal;
import io.divan.security.Access;
import io.divan.security.ServerAction;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.lang.annotation.Annotation;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.stereotype.Component;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.HandlerMapping;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/**
 * Checks, before a controller method runs and before any of the body is read, that the caller may
 * do what the method is annotated with. A method without such an annotation is never called.
 *
 * <p>Permissions belong to the method and not to a pattern of paths: what is checked and what runs
 * cannot be two different things.
 */
@Component
final class Authorization implements HandlerInterceptor, WebMvcConfigurer {
  private static final Set<String> READING = Set.of("GET", "HEAD");
  private static final Pattern METRICS =
      Pattern.compile("/_node/[^/]+/(_stats|_system|_prometheus)(/.*)?");

  private static final Set<String> SERVER_ADMINISTRATORS =
      Set.of("_purge", "_purged_infos_limit", "_sync_shards");
  private static final Set<String> COMPACTIONS = Set.of("_compact", "_view_cleanup");
  private static final Set<String> LISTINGS =
      Set.of("_all_docs", "_changes", "_design_docs", "_local_docs");

  private final Access access;

  /** Looked up late: Spring MVC is configured before the storage is opened. */
  private final ObjectProvider<Databases> databases;

  Authorization(Access access, ObjectProvider<Databases> databases) {
    this.access = access;
    this.databases = databases;
  }

  @Override
  public void addInterceptors(InterceptorRegistry registry) {
    registry.addInterceptor(this);
  }

  @Override
  public boolean preHandle(
      HttpServletRequest request, HttpServletResponse response, Object handler) {
    if (!(handler instanceof HandlerMethod method)) {
      return true; // Spring's own handlers, of requests that match no path
    }
    if (!method.getBeanType().getName().startsWith("io.divan.")) {
      return true; // actuator endpoints: the filter has decided
    }
    Principal principal = Callers.of(request).principal();
    if (method.hasMethodAnnotation(RequiresByName.class)) {
      checkByName(request, principal);
      return true;
    }
    RequiresServer server = annotation(method, RequiresServer.class);
    if (server != null) {
      access.check(principal, server.value());
      return true;
    }
    RequiresDatabase database = annotation(method, RequiresDatabase.class);
    if (database == null) {
      throw new IllegalStateException(method + " does not say what its caller must be permitted");
    }
    databases.getObject().checkEarly(variable(request, "db"), principal, database.value());
    return true;
  }

  /** Checks what CouchDB asks of callers for a resource, whatever the method. */
  private void checkByName(HttpServletRequest request, Principal principal) {
    String server = variable(request, "server");
    String name = variable(request, "name");
    if (!server.isEmpty()) {
      access.check(principal, serverAction(server, request));
    } else if (SERVER_ADMINISTRATORS.contains(name)) {
      access.check(principal, ServerAction.ADMINISTER);
    } else {
      Action action =
          LISTINGS.contains(name)
              ? Action.LIST
              : COMPACTIONS.contains(name) ? Action.COMPACT : Action.USE;
      databases.getObject().checkEarly(variable(request, "db"), principal, action);
    }
  }

  private static ServerAction serverAction(String name, HttpServletRequest request) {
    return switch (name) {
      case "_session", "_up", "_uuids", "_active_tasks" -> ServerAction.GREET;
      case "_all_dbs", "_dbs_info" -> ServerAction.LIST_DATABASES;
      case "_replicate" -> ServerAction.REPLICATE;
      case "_utils" ->
          READING.contains(request.getMethod()) ? ServerAction.GREET : ServerAction.ADMINISTER;
      case "_node" ->
          METRICS.matcher(request.getRequestURI()).matches()
              ? ServerAction.READ_METRICS
              : ServerAction.ADMINISTER;
      default -> ServerAction.ADMINISTER;
    };
  }

  private static <A extends Annotation> @org.jspecify.annotations.Nullable A annotation(
      HandlerMethod method, Class<A> type) {
    A own = method.getMethodAnnotation(type);
    return own != null
        ? own
        : AnnotatedElementUtils.findMergedAnnotation(method.getBeanType(), type);
  }

  private static String variable(HttpServletRequest request, String name) {
    Map<?, ?> variables =
        (Map<?, ?>) Objects.requireNonNull(
            request.getAttribute(HandlerMapping.URI_TEMPLATE_VARIABLES_ATTRIBUTE));
    return variables.get(name) instanceof String value ? value : "";
  }
}
