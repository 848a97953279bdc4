package io.divan.api.session;

import io.divan.security.Caller;
import jakarta.servlet.http.HttpServletRequest;

/** The caller of a request, from the filter that finds it out to what uses it. */
public final class Callers {
  private static final String ATTRIBUTE = Caller.class.getName();

  private Callers() {}

  static void set(HttpServletRequest request, Caller caller) {
    request.setAttribute(ATTRIBUTE, caller);
  }

  /** The caller of a request that has passed the filter. */
  public static Caller of(HttpServletRequest request) {
    if (request.getAttribute(ATTRIBUTE) instanceof Caller caller) {
      return caller;
    }
    throw new IllegalStateException("The request has not been authenticated");
  }
}
