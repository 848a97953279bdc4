package io.divan.api.http;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Normalizes the path as CouchDB does: a plus sign means a space, semicolons have no special
 * meaning, trailing slashes are ignored, and each segment must be UTF-8.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 10)
final class CouchFilter extends OncePerRequestFilter {

  @Override
  protected boolean shouldNotFilter(HttpServletRequest request) {
    return isActuator(request);
  }

  /** Whether a request is for Spring's actuator, which is not part of CouchDB's API. */
  static boolean isActuator(HttpServletRequest request) {
    return request.getRequestURI().startsWith("/actuator/");
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    HttpServletRequest read;
    try {
      read = optionsAsPatch(withPath(request, path(request.getRequestURI())));
    } catch (ApiException e) {
      e.headers().forEach(response::setHeader);
      Responses.error(response, e.status(), e.error(), e.reason());
      return;
    }
    chain.doFilter(read, response);
  }

  /** Decodes and re-encodes each segment, so that the servlet API interprets nothing in it. */
  static String path(String raw) {
    StringBuilder path = new StringBuilder(raw.length());
    boolean plain = true;
    for (int i = 0; i < raw.length() && plain; i++) {
      char c = raw.charAt(i);
      plain = c < 128 && c != '%' && c != '+' && c != ';';
    }
    if (plain && !raw.endsWith("/") && !raw.contains("//")) {
      return raw;
    }
    for (String segment : raw.split("/")) {
      if (!segment.isEmpty()) {
        String text =
            Percent.text(Percent.decode(segment))
                .orElseThrow(
                    () -> new ApiException(
                        400, "illegal_docid", "Document id must be valid UTF-8"));
        path.append('/').append(Responses.encode(text));
      }
    }
    return path.isEmpty() ? "/" : path.toString();
  }

  /**
   * Replaces OPTIONS with PATCH. Spring would answer OPTIONS itself; PATCH is refused with 405 like
   * any other method that no resource supports.
   */
  private static HttpServletRequest optionsAsPatch(HttpServletRequest request) {
    if (!request.getMethod().equals("OPTIONS")) {
      return request;
    }
    return new HttpServletRequestWrapper(request) {
      @Override
      public String getMethod() {
        return "PATCH";
      }
    };
  }

  private static HttpServletRequest withPath(HttpServletRequest request, String path) {
    if (path.equals(request.getRequestURI())) {
      return request;
    }
    return new HttpServletRequestWrapper(request) {
      @Override
      public String getRequestURI() {
        return path;
      }
    };
  }
}
