package io.divan.api.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.servlet.ServletException;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

/** The limit of HTTP/2 requests that run at once. */
class StreamLimitFilterTest {
  private final StreamLimitFilter filter = new StreamLimitFilter(1);

  private static MockHttpServletRequest request(String protocol) {
    MockHttpServletRequest request = new MockHttpServletRequest("GET", "/");
    request.setProtocol(protocol);
    return request;
  }

  /** Sends a request while another runs. Returns its status. */
  private int second(String firstProtocol, String protocol) throws ServletException, IOException {
    MockHttpServletResponse second = new MockHttpServletResponse();
    filter.doFilter(
        request(firstProtocol),
        new MockHttpServletResponse(),
        (q, r) -> filter.doFilter(
            request(protocol), second, (q2, r2) -> second.setStatus(299)));
    return second.getStatus();
  }

  @Test
  void stream_beyondTheLimit_isServiceUnavailable() throws Exception {
    assertThat(second("HTTP/2.0", "HTTP/2.0")).isEqualTo(503);
    assertThat(second("HTTP/2.0", "HTTP/1.1")).isEqualTo(299);
    assertThat(second("HTTP/1.1", "HTTP/2.0")).isEqualTo(299);
  }

  @Test
  void stream_thatFails_returnsItsPermit() throws Exception {
    assertThatThrownBy(
        () -> filter.doFilter(
            request("HTTP/2.0"),
            new MockHttpServletResponse(),
            (q, r) -> {
              throw new IOException("gone");
            }))
        .isInstanceOf(IOException.class);

    assertThat(second("HTTP/1.1", "HTTP/2.0")).isEqualTo(299);
  }
}
