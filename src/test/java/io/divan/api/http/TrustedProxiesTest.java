package io.divan.api.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.configuration.InvalidProperty;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.boot.web.server.autoconfigure.ServerProperties.ForwardHeadersStrategy;
import org.springframework.mock.web.MockHttpServletRequest;

/** Which headers of which proxies count. */
class TrustedProxiesTest {
  private static final List<String> TRUSTED = List.of("10.0.0.0/8", "192.0.2.7", "2001:db8::/32");

  private static TrustedProxies proxies(List<String> networks) {
    return new TrustedProxies(new ProxyProperties(networks), new ServerProperties());
  }

  private static MockHttpServletRequest request(String peer, String... headers) {
    MockHttpServletRequest request = new MockHttpServletRequest("GET", "/");
    request.setRemoteAddr(peer);
    request.addHeader("Host", "backend:5984");
    for (String header : headers) {
      String[] parts = header.split(": ", 2);
      request.addHeader(parts[0], parts[1]);
    }
    proxies(TRUSTED).client(request).ifPresent(client -> ClientAddress.set(request, client));
    return request;
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
    "203.0.113.9 | 198.51.100.1 | 203.0.113.9", // not a proxy
    "10.1.2.3 | 198.51.100.1 | 198.51.100.1",
    "10.1.2.3 | 6.6.6.6, 198.51.100.1 | 198.51.100.1", // the client invented the first
    "10.1.2.3 | 6.6.6.6, 198.51.100.1, 10.9.9.9, 192.0.2.7 | 198.51.100.1",
    "10.1.2.3 | 10.0.0.1, 10.0.0.2 | 10.0.0.1", // the client is a proxy
    "10.1.2.3 | 198.51.100.1, unknown | 10.1.2.3",
    "10.1.2.3 | 198.51.100.1, , 10.0.0.2 | 10.0.0.2",
    "10.1.2.3 | 198.51.100.1:4711 | 198.51.100.1",
    "10.1.2.3 | 2001:DB9::1 | 2001:db9:0:0:0:0:0:1", // one spelling
    "10.1.2.3 | [2001:db9::1]:4711 | 2001:db9:0:0:0:0:0:1",
    "10.1.2.3 | localhost | 10.1.2.3", // names are not looked up
    "10.1.2.3 | ::ffff:198.51.100.1 | 198.51.100.1",
    "2001:db8::5 | 198.51.100.1 | 198.51.100.1",
    "192.0.2.8 | 198.51.100.1 | 192.0.2.8",
    "0:0:0:0:0:0:0:1 | 198.51.100.1 | 0:0:0:0:0:0:0:1"
  })
  void address_byPeerAndHops_isTheClients(String peer, String hops, String client) {
    assertThat(ClientAddress.of(request(peer, "X-Forwarded-For: " + hops))).isEqualTo(client);
  }

  @Test
  void address_noHeader_isThePeer() {
    assertThat(ClientAddress.of(request("10.1.2.3"))).isEqualTo("10.1.2.3");
  }

  @Test
  void address_severalHeaders_areOneList() {
    assertThat(
        ClientAddress.of(
            request("10.0.0.1", "X-Forwarded-For: 6.6.6.6", "X-Forwarded-For: 7.7.7.7, 10.0.0.2")))
        .isEqualTo("7.7.7.7");
  }

  @Test
  void address_manyHops_areLimited() {
    String hops = "6.6.6.6" + ", 10.0.0.2".repeat(40);

    assertThat(ClientAddress.of(request("10.0.0.1", "X-Forwarded-For: " + hops)))
        .isEqualTo("10.0.0.2");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
    "10.0.0.1 | X-Forwarded-Proto: https | true",
    "10.0.0.1 | X-Forwarded-Proto: HTTPS | true",
    "10.0.0.1 | X-Forwarded-Proto: https, http | false",
    "10.0.0.1 | X-Forwarded-Proto: http | false",
    "10.0.0.1 | X-Forwarded-Ssl: on | true",
    "10.0.0.1 | X-Forwarded-Ssl: off | false",
    "10.0.0.1 | X-Other: https | false",
    "203.0.113.9 | X-Forwarded-Proto: https | false",
    "203.0.113.9 | X-Forwarded-Ssl: on | false"
  })
  void secure_byPeerAndHeader(String peer, String header, boolean secure) {
    MockHttpServletRequest request = request(peer, header);

    assertThat(ClientAddress.isSecure(request)).isEqualTo(secure);
    assertThat(Responses.origin(request)).startsWith(secure ? "https://" : "http://");
  }

  @Test
  void secure_ownTls_needsNoHeader() {
    MockHttpServletRequest request = request("203.0.113.9");
    request.setSecure(true);

    assertThat(ClientAddress.isSecure(request)).isTrue();
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
    "10.0.0.1 | db.example:8443 | db.example:8443 | db.example",
    "10.0.0.1 | DB.example | DB.example | db.example",
    "10.0.0.1 | evil.example, db.example | db.example | db.example",
    "10.0.0.1 | [::1]:99 | [::1]:99 | [::1]",
    "10.0.0.1 | evil.example/path | backend:5984 | backend",
    "10.0.0.1 | user@evil.example | backend:5984 | backend",
    "10.0.0.1 | a b | backend:5984 | backend",
    "203.0.113.9 | db.example | backend:5984 | backend"
  })
  void host_byPeerAndHeader(String peer, String host, String authority, String name) {
    MockHttpServletRequest request = request(peer, "X-Forwarded-Host: " + host);

    assertThat(ClientAddress.authority(request)).isEqualTo(authority);
    assertThat(ClientAddress.hostName(request)).isEqualTo(name);
  }

  @Test
  void proxies_none_noHeaderCounts() {
    MockHttpServletRequest request = request("203.0.113.9");
    request.addHeader("X-Forwarded-For", "198.51.100.1");

    assertThat(proxies(List.of()).isEmpty()).isTrue();
    assertThat(proxies(List.of()).client(request)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "proxy.example", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0", "10.0.0.0/8/8", "::/129", "*", ""
  })
  void network_invalid_isRefused(String network) {
    assertThatThrownBy(() -> proxies(List.of("10.0.0.1", network)))
        .isInstanceOf(InvalidProperty.class)
        .hasMessageContaining("divan.http.trusted-proxies contains \"" + network + "\"");
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void otherTrust_configured_isRefused(ForwardHeadersStrategy strategy) {
    ServerProperties server = new ServerProperties();
    server.setForwardHeadersStrategy(strategy);

    assertThatThrownBy(() -> new TrustedProxies(new ProxyProperties(List.of()), server))
        .isInstanceOf(InvalidProperty.class)
        .hasMessageContaining("server.forward-headers-strategy must be none");
  }
}
