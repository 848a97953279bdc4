package io.divan.api.http;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.apache.coyote.CloseNowException;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Cuts the connection of an answer that failed after it had begun, so that the client does not take
 * a part of it for the whole. {@link ErrorResponses} has logged why; the container would log it again
 * with its stack, and is told by this exception only to close.
 */
@Component
final class CutOffFilter extends OncePerRequestFilter {

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    try {
      chain.doFilter(request, response);
    } catch (ServletException | IOException | RuntimeException e) {
      if (!response.isCommitted()) {
        throw e;
      }
      throw new CloseNowException(e);
    }
  }
}
