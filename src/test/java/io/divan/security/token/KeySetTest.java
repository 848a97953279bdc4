package io.divan.security.token;

import static io.divan.security.token.TestTokens.EC;
import static io.divan.security.token.TestTokens.RSA;
import static io.divan.security.token.TestTokens.encode;
import static io.divan.security.token.TestTokens.secret;
import static io.divan.security.token.TestTokens.token;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.divan.configuration.ConfigurationException;
import io.divan.configuration.RuntimeConfiguration;
import io.divan.document.DocumentException;
import io.divan.security.password.ManualClock;
import io.divan.security.password.RecordedLog;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Public keys that are fetched from an address. */
class KeySetTest {
  private static final String JOE = "{\"sub\":\"joe\",\"exp\":4100000000}";

  private final AtomicInteger fetches = new AtomicInteger();
  private final RuntimeConfiguration configuration = new RuntimeConfiguration();
  private HttpServer server;
  private volatile String keys;
  private volatile int status = 200;
  private JsonWebTokens tokens;

  @BeforeEach
  void start() throws IOException {
    keys = "{\"keys\":[" + rsa("one") + "," + ec("two") + "," + symmetric() + "]}";
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/keys",
        exchange -> {
          fetches.incrementAndGet();
          byte[] body = keys.getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().set("Content-Type", "application/json");
          exchange.sendResponseHeaders(status, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    tokens =
        JsonWebTokens.declare(
            configuration,
            new JwtProperties(
                Map.of(),
                "http://127.0.0.1:" + server.getAddress().getPort() + "/keys",
                "exp",
                "_couchdb.roles",
                ""),
            new ManualClock(Instant.ofEpochSecond(1_800_000_000)));
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private static String number(BigInteger number, int bytes) {
    byte[] signed = number.toByteArray();
    byte[] fixed = new byte[bytes];
    int length = Math.min(bytes, signed.length);
    System.arraycopy(signed, signed.length - length, fixed, bytes - length, length);
    return encode(fixed);
  }

  private static String rsa(String kid) {
    RSAPublicKey key = (RSAPublicKey) RSA.getPublic();
    return "{\"kty\":\"RSA\",\"use\":\"sig\",\"kid\":\"" + kid + "\",\"e\":\""
        + number(key.getPublicExponent(), 3) + "\",\"n\":\"" + number(key.getModulus(), 256)
        + "\"}";
  }

  private static String ec(String kid) {
    ECPublicKey key = (ECPublicKey) EC.getPublic();
    return "{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"" + kid + "\",\"x\":\""
        + number(key.getW().getAffineX(), 32) + "\",\"y\":\""
        + number(key.getW().getAffineY(), 32) + "\"}";
  }

  private static String symmetric() {
    return "{\"kty\":\"oct\",\"kid\":\"three\",\"k\":\"" + encode("public secret") + "\"}";
  }

  @Test
  void verify_fetchedKeys_areUsedAndKept() {
    assertThat(tokens.isEnabled()).isTrue();
    for (int i = 0; i < 10; i++) {
      assertThat(tokens.verify(token("RS256", "one", JOE, RSA.getPrivate())).subject())
          .isEqualTo("joe");
      assertThat(tokens.verify(token("ES256", "two", JOE, EC.getPrivate())).subject())
          .isEqualTo("joe");
      assertThat(tokens.verify(token("RS384", "", JOE, RSA.getPrivate())).subject())
          .isEqualTo("joe");
    }
    assertThat(fetches).hasValue(1);
    assertRefused(token("ES256", "two", JOE, TestTokens.OTHER_EC.getPrivate()),
        "Bad signature in authentication token");
  }

  @Test
  void verify_secretOfAKeySet_isRefused() {
    assertRefused(token("HS256", "three", JOE, secret("public secret")), "Unknown kid");
    assertThat(fetches).hasValue(0);
  }

  @Test
  void verify_manyUnknownKeys_fetchRarely() {
    for (int i = 0; i < 100; i++) {
      assertRefused(token("RS256", "kid" + i, JOE, RSA.getPrivate()), "Unknown kid");
    }
    assertThat(fetches.get()).isLessThan(4);
  }

  private void assertRefused(String token, String reason) {
    assertThatThrownBy(() -> tokens.verify(token))
        .isInstanceOf(DocumentException.BadRequest.class)
        .hasMessage(reason);
  }

  @ParameterizedTest
  @ValueSource(ints = {404, 500, 200})
  void verify_keysCannotBeFetched_isRefusedWithALine(int failure) {
    status = failure;
    keys = "x".repeat(failure == 200 ? 200_000 : 10);

    try (RecordedLog log = new RecordedLog(KeySet.class.getName())) {
      assertThatThrownBy(() -> tokens.verify(token("RS256", "one", JOE, RSA.getPrivate())))
          .isInstanceOf(DocumentException.Unauthorized.class);

      assertThat(log.messages())
          .singleElement()
          .asString()
          .contains("cannot be fetched from http://127.0.0.1:", "check that address");
    }
  }

  @Test
  void set_addressChanged_countsAtOnce() {
    configuration.set("jwt_auth", "jwk_set_uri", "", false);
    assertThat(tokens.isEnabled()).isFalse();
    assertRefused(token("RS256", "one", JOE, RSA.getPrivate()), "Unknown kid");
    for (String address : new String[] {
      "file:///etc/passwd", "ftp://example.com/", "/keys", "http:", "https://u:p@example.com/"}) {
      assertThatThrownBy(() -> configuration.set("jwt_auth", "jwk_set_uri", address, false))
          .isInstanceOf(ConfigurationException.class);
    }
  }
}
