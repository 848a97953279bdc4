package io.divan.api.http;

import io.divan.configuration.InvalidProperty;
import jakarta.servlet.http.HttpServletRequest;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.catalina.util.NetMask;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.boot.web.server.autoconfigure.ServerProperties.ForwardHeadersStrategy;
import org.springframework.stereotype.Component;

/**
 * The proxies that may say on whose behalf they send a request.
 *
 * <p>Tomcat's {@code RemoteIpValve} and Spring's {@code ForwardedHeaderFilter} are not used. The
 * valve trusts all private networks unless told otherwise, and takes any text as an address; the
 * filter trusts every client. Both would be active by themselves on Kubernetes.
 */
@Component
final class TrustedProxies {
  private static final String PROPERTY = "divan.http.trusted-proxies";
  private static final String FOR = "X-Forwarded-For";
  private static final String PROTO = "X-Forwarded-Proto";
  private static final String SSL = "X-Forwarded-Ssl";
  private static final String HOST = "X-Forwarded-Host";

  /** The most hops of {@code X-Forwarded-For} that are looked at, from its end. */
  private static final int HOPS_MAX = 32;

  /** A host name or address, and a port. */
  private static final Pattern HOST_SYNTAX =
      Pattern.compile("([A-Za-z0-9._-]{1,253}|\\[[0-9A-Fa-f:.]{2,45}])(:[0-9]{1,5})?");

  private static final Pattern ADDRESS_SYNTAX =
      Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}|[0-9A-Fa-f.]*:[0-9A-Fa-f:.]+(%.{1,32})?");

  private final List<NetMask> networks;

  TrustedProxies(ProxyProperties properties, ServerProperties server) {
    ForwardHeadersStrategy strategy = server.getForwardHeadersStrategy();
    if (strategy != null && strategy != ForwardHeadersStrategy.NONE) {
      throw new InvalidProperty(
          "server.forward-headers-strategy",
          "must be none: " + PROPERTY + " names the proxies whose headers count");
    }
    List<NetMask> masks = new ArrayList<>();
    for (String network : properties.trustedProxies()) {
      masks.add(network(network));
    }
    networks = List.copyOf(masks);
  }

  private static NetMask network(String text) {
    String stripped = text.strip();
    try {
      // Without this check, NetMask would look up names.
      if (address(stripped.split("/", 2)[0]).isPresent()) {
        return new NetMask(stripped);
      }
    } catch (IllegalArgumentException e) {
      // the same refusal
    }
    throw new InvalidProperty(
        PROPERTY,
        "contains \"" + text + "\", which is no address or network such as 10.0.0.0/8");
  }

  /** Whether no proxy is trusted. */
  boolean isEmpty() {
    return networks.isEmpty();
  }

  /** What the headers of a request say about the client; empty unless a trusted proxy sent it. */
  Optional<ForwardedClient> client(HttpServletRequest request) {
    if (networks.isEmpty()) {
      return Optional.empty();
    }
    Optional<InetAddress> peer = address(request.getRemoteAddr()).filter(this::isTrusted);
    return peer.map(
        proxy -> new ForwardedClient(
            farthest(proxy, hops(request)).getHostAddress(),
            isSecure(request),
            last(values(request, HOST)).filter(host -> HOST_SYNTAX.matcher(host).matches())));
  }

  /** Whether a trusted proxy sent a request. */
  boolean trusts(HttpServletRequest request) {
    return address(request.getRemoteAddr()).filter(this::isTrusted).isPresent();
  }

  private boolean isTrusted(InetAddress address) {
    return networks.stream().anyMatch(network -> network.matches(address));
  }

  /**
   * Goes back from the peer through the hops. Each trusted hop vouches for the one before it, so
   * this stops at the first hop that is not trusted, which is the client.
   */
  private InetAddress farthest(InetAddress peer, List<String> hops) {
    InetAddress farthest = peer;
    for (String hop : hops.reversed()) {
      Optional<InetAddress> address = address(withoutPort(hop));
      if (address.isEmpty()) {
        return farthest;
      }
      farthest = address.get();
      if (!isTrusted(farthest)) {
        return farthest;
      }
    }
    return farthest;
  }

  private static List<String> hops(HttpServletRequest request) {
    List<String> hops = values(request, FOR);
    return hops.subList(Math.max(0, hops.size() - HOPS_MAX), hops.size());
  }

  /** Whether all proxies that say so were reached over TLS. */
  private static boolean isSecure(HttpServletRequest request) {
    List<String> protocols = values(request, PROTO);
    boolean isHttps =
        !protocols.isEmpty() && protocols.stream().allMatch("https"::equalsIgnoreCase);
    return isHttps || last(values(request, SSL)).filter("on"::equalsIgnoreCase).isPresent();
  }

  /** The elements of a header's lists, in order. */
  private static List<String> values(HttpServletRequest request, String name) {
    List<String> values = new ArrayList<>();
    for (String list : Collections.list(request.getHeaders(name))) {
      for (String value : list.split(",", -1)) {
        values.add(value.strip());
      }
    }
    return values;
  }

  private static Optional<String> last(List<String> values) {
    return values.isEmpty() ? Optional.empty() : Optional.of(values.getLast());
  }

  /** Removes the port that some proxies add. */
  private static String withoutPort(String hop) {
    if (hop.startsWith("[")) {
      int end = hop.indexOf(']');
      return end < 0 ? hop : hop.substring(1, end);
    }
    int colon = hop.indexOf(':');
    return colon >= 0 && colon == hop.lastIndexOf(':') ? hop.substring(0, colon) : hop;
  }

  /** Reads an address, except in the old short forms such as {@code 10.1}. */
  private static Optional<InetAddress> address(String text) {
    if (!ADDRESS_SYNTAX.matcher(text).matches()) {
      return Optional.empty();
    }
    try {
      return Optional.of(InetAddress.ofLiteral(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
