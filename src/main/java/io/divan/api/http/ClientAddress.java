package io.divan.api.http;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Locale;
import java.util.Optional;

/**
 * Where a request comes from. Headers of proxies count only if {@code divan.http.trusted-proxies}
 * names the proxy.
 */
public final class ClientAddress {
  private static final String ATTRIBUTE = ForwardedClient.class.getName();

  private ClientAddress() {}

  /** Remembers what a trusted proxy says about the client. */
  static void set(HttpServletRequest request, ForwardedClient client) {
    request.setAttribute(ATTRIBUTE, client);
  }

  private static Optional<ForwardedClient> forwarded(HttpServletRequest request) {
    return Optional.ofNullable((ForwardedClient) request.getAttribute(ATTRIBUTE));
  }

  /** The client's address. */
  public static String of(HttpServletRequest request) {
    return forwarded(request).map(ForwardedClient::address).orElseGet(request::getRemoteAddr);
  }

  /** Whether the client's connection is encrypted. */
  public static boolean isSecure(HttpServletRequest request) {
    return request.isSecure() || forwarded(request).filter(ForwardedClient::isSecure).isPresent();
  }

  /** The host, and perhaps the port, that the client used. */
  static String authority(HttpServletRequest request) {
    return forwarded(request)
        .flatMap(ForwardedClient::host)
        .or(() -> Optional.ofNullable(request.getHeader("Host")).filter(host -> !host.isEmpty()))
        .orElseGet(() -> serverAuthority(request));
  }

  /** The authority of a request without the header Host, which HTTP/2 does not need. */
  private static String serverAuthority(HttpServletRequest request) {
    int port = request.getServerPort();
    boolean isDefault = port <= 0 || port == (request.isSecure() ? 443 : 80);
    return isDefault ? request.getServerName() : request.getServerName() + ":" + port;
  }

  /** The host that the client used, in lower case and without a port. */
  static String hostName(HttpServletRequest request) {
    String authority = authority(request);
    int colon = authority.lastIndexOf(':');
    boolean hasPort = colon > authority.lastIndexOf(']');
    return (hasPort ? authority.substring(0, colon) : authority).toLowerCase(Locale.ROOT);
  }
}
