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
 * Closes the connection if a response fails after its first bytes were sent, so that the client
 * notices that the response is incomplete. {@link ErrorResponses} has already logged the failure;
 * {@link CloseNowException} makes Tomcat close the connection without logging it again.
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
