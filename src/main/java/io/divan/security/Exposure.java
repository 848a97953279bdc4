package io.divan.security;

import java.net.InetAddress;
import java.util.Optional;

/**
 * Whether other machines can reach the service.
 *
 * @param setting the setting whose address is not a loopback address; empty when there is none
 */
public record Exposure(Optional<String> setting) {

  /** The exposure through the addresses of the service and of a management port of its own. */
  static Exposure of(
      Optional<InetAddress> server, boolean hasManagement, Optional<InetAddress> management) {
    if (!isLoopback(server)) {
      return new Exposure(Optional.of("server.address"));
    }
    return hasManagement && !isLoopback(management)
        ? new Exposure(Optional.of("management.server.address"))
        : new Exposure(Optional.empty());
  }

  private static boolean isLoopback(Optional<InetAddress> address) {
    return address.map(InetAddress::isLoopbackAddress).orElse(false); // none means all addresses
  }

  /** Whether other machines can reach the service. */
  public boolean isExposed() {
    return setting.isPresent();
  }
}
