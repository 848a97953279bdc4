package io.divan.api.http;

import io.divan.storage.Trace;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.regex.Pattern;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Traces the transactions of requests with the header {@value #HEADER}, whose value is the trace's
 * name. Only server administrators may use it, since each transaction becomes a log line; the
 * header of others is ignored.
 */
@Component
final class TraceFilter extends OncePerRequestFilter {
  private static final String HEADER = "X-Divan-Trace";
  private static final Pattern NAME =
      Pattern.compile("[A-Za-z0-9._-]{1," + Trace.NAME_LENGTH_MAX + "}");

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    String name = request.getHeader(HEADER);
    ServedRequest served = ServedRequest.of(request);
    if (name == null || served == null || !Principals.isServerAdmin(request)) {
      chain.doFilter(request, response);
      return;
    }
    if (!NAME.matcher(name).matches()) {
      Responses.error(
          response,
          400,
          "bad_request",
          HEADER + " must be 1 to " + Trace.NAME_LENGTH_MAX
              + " letters, digits, '.', '_' or '-'.");
      return;
    }
    response.setHeader(HEADER, name);
    try {
      served.trace().named(name).call(
          () -> {
            chain.doFilter(request, response);
            return true;
          });
    } catch (ServletException | IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new ServletException(e);
    }
  }
}
