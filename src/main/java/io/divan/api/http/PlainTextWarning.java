package io.divan.api.http;

import java.net.InetAddress;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.web.server.Ssl;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * Warns once, at start, if other machines can reach the service without TLS: passwords and cookies
 * then cross the network in clear. A trusted proxy is expected to provide TLS.
 */
@Component
final class PlainTextWarning {
  private static final Logger LOG = LoggerFactory.getLogger(PlainTextWarning.class);

  private final ServerProperties server;
  private final TrustedProxies proxies;

  PlainTextWarning(ServerProperties server, TrustedProxies proxies) {
    this.server = server;
    this.proxies = proxies;
  }

  @EventListener(ApplicationReadyEvent.class)
  void warn() {
    warning().ifPresent(LOG::warn);
  }

  /** The warning; empty if none is due. */
  Optional<String> warning() {
    InetAddress address = server.getAddress();
    boolean isLoopback = address != null && address.isLoopbackAddress();
    if (isLoopback || Ssl.isEnabled(server.getSsl()) || !proxies.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        "Passwords and cookies cross the network in clear: "
            + (address == null ? "all addresses" : address.getHostAddress())
            + " can be reached from other machines, without TLS. Set server.ssl.bundle, or"
            + " divan.http.trusted-proxies if a proxy provides TLS.");
  }
}
