package io.divan.api.session;

import io.divan.api.http.ClientAddress;
import io.divan.security.session.SessionCookies;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseCookie;
import org.springframework.stereotype.Component;

/** Sets the session cookie with the attributes that are configured. */
@Component
final class SessionCookieWriter {
  private final SessionCookies cookies;

  SessionCookieWriter(SessionCookies cookies) {
    this.cookies = cookies;
  }

  /** Sets the cookie, in place of one that was set before in this response. */
  void set(HttpServletRequest request, HttpServletResponse response, String value) {
    ResponseCookie.ResponseCookieBuilder cookie =
        ResponseCookie.from("AuthSession", value)
            .path("/")
            .httpOnly(true)
            .secure(ClientAddress.isSecure(request));
    SessionCookies.Attributes attributes = cookies.attributes();
    attributes.maxAge().map(Duration::toSeconds).ifPresent(cookie::maxAge);
    attributes.domain().ifPresent(cookie::domain);
    attributes.sameSite().ifPresent(cookie::sameSite);
    response.setHeader(HttpHeaders.SET_COOKIE, cookie.build().toString());
  }

  /** Clears the cookie. */
  void clear(HttpServletRequest request, HttpServletResponse response) {
    set(request, response, "");
  }
}
