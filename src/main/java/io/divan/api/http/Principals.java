package io.divan.api.http;

import io.divan.document.Principal;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.core.MethodParameter;
import org.springframework.stereotype.Component;
import org.springframework.web.bind.support.WebDataBinderFactory;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.method.support.ModelAndViewContainer;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/**
 * Passes the principal of a request from the filter that authenticates it to the parameters of
 * controllers. A request without a principal fails, so that none acts as administrator by
 * mistake.
 */
@Component
public final class Principals implements HandlerMethodArgumentResolver, WebMvcConfigurer {
  private static final String ATTRIBUTE = Principal.class.getName();

  /** Sets the principal of a request. */
  public static void set(ServletRequest request, Principal principal) {
    request.setAttribute(ATTRIBUTE, principal);
  }

  private static Principal of(HttpServletRequest request) {
    if (request.getAttribute(ATTRIBUTE) instanceof Principal principal) {
      return principal;
    }
    if (CouchFilter.isActuator(request)) { // an endpoint that does not exist or is not exposed
      throw new ApiException(404, "not_found", "missing");
    }
    throw new IllegalStateException("The request has not been authenticated");
  }

  /** The name of the user who sends a request; empty for anonymous requests. */
  static Optional<String> name(ServletRequest request) {
    return request.getAttribute(ATTRIBUTE) instanceof Principal principal
        ? principal.name()
        : Optional.empty();
  }

  /** Whether a server administrator sends a request. */
  static boolean isServerAdmin(ServletRequest request) {
    return request.getAttribute(ATTRIBUTE) instanceof Principal principal
        && principal.isServerAdmin();
  }

  @Override
  public void addArgumentResolvers(List<HandlerMethodArgumentResolver> resolvers) {
    resolvers.add(this);
  }

  @Override
  public boolean supportsParameter(MethodParameter parameter) {
    return parameter.getParameterType() == Principal.class;
  }

  @Override
  public Principal resolveArgument(
      MethodParameter parameter,
      @Nullable ModelAndViewContainer container,
      NativeWebRequest request,
      @Nullable WebDataBinderFactory binders) {
    HttpServletRequest servletRequest = request.getNativeRequest(HttpServletRequest.class);
    if (servletRequest == null) {
      throw new IllegalStateException("Not a servlet request");
    }
    return of(servletRequest);
  }
}
