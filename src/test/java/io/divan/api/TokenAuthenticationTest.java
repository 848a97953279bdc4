package io.divan.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.divan.Http;
import io.divan.HttpAnswer;
import io.divan.Service;
import io.divan.security.password.PasswordHash;
import io.divan.security.session.SessionCookies;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** JSON Web Tokens, proxies, one-time codes and the renewal of cookies, over HTTP. */
class TokenAuthenticationTest {
  private static final String KEY = "a key of at least thirty-two bytes";
  private static final String SECRET = "a secret of at least thirty-two bytes";
  private static final byte[] TOTP_KEY = "12345678901234567890".getBytes(StandardCharsets.UTF_8);
  private static final String TOTP_BASE32 = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

  @TempDir static Path directory;

  private static Service service;
  private static Http http;
  private static Http admin;

  @BeforeAll
  static void start() {
    service =
        Service.start(
            directory,
            "--divan.admins.admin=5ecret",
            "--divan.authentication.iterations=1",
            "--divan.authentication.secret=" + SECRET,
            "--divan.authentication.proxy-enabled=true",
            "--divan.jwt.keys[hmac:_default]="
                + Base64.getEncoder().encodeToString(KEY.getBytes(StandardCharsets.UTF_8)));
    http = service.http();
    admin = new Http("http://admin:5ecret@127.0.0.1:" + service.port());
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  private static String token(Instant expires, List<String> roles) throws Exception {
    SignedJWT jwt =
        new SignedJWT(
            new JWSHeader(JWSAlgorithm.HS256),
            new JWTClaimsSet.Builder()
                .subject("joe")
                .claim("_couchdb.roles", roles)
                .expirationTime(Date.from(expires))
                .build());
    jwt.sign(new MACSigner(KEY));
    return jwt.serialize();
  }

  @Test
  void token_valid_namesUserAndRoles() throws Exception {
    String token = token(Instant.now().plusSeconds(60), List.of("staff", "b", "a", "c"));

    HttpAnswer session = http.get("/_session", "Authorization: Bearer " + token);

    assertThat(session.text())
        .contains("\"name\":\"joe\",\"roles\":[\"staff\",\"b\",\"a\",\"c\"]")
        .contains("\"authentication_handlers\":[\"proxy\",\"jwt\",\"cookie\",\"default\"]")
        .contains("\"authenticated\":\"jwt\"");
  }

  @Test
  void token_expiredOrForged_isRefused() throws Exception {
    String expired = token(Instant.now().minusSeconds(60), List.of());
    String forged = token(Instant.now().plusSeconds(60), List.of("_admin"));
    forged = forged.substring(0, forged.length() - 4) + "AAAA";

    assertThat(http.get("/", "Authorization: Bearer " + expired).status()).isEqualTo(401);
    assertThat(http.get("/", "Authorization: Bearer " + forged).status()).isEqualTo(400);
    assertThat(http.get("/", "Authorization: Bearer x").status()).isEqualTo(400);
  }

  @Test
  void proxy_withToken_namesUserAndRoles() throws Exception {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
    String token =
        HexFormat.of().formatHex(mac.doFinal("joe".getBytes(StandardCharsets.UTF_8)));

    HttpAnswer right =
        http.get(
            "/_session",
            "X-Auth-CouchDB-UserName: joe",
            "X-Auth-CouchDB-Roles: staff, boss",
            "X-Auth-CouchDB-Token: " + token);
    HttpAnswer wrong =
        http.get(
            "/_session",
            "X-Auth-CouchDB-UserName: eve",
            "X-Auth-CouchDB-Roles: _admin",
            "X-Auth-CouchDB-Token: " + token);

    assertThat(right.text())
        .contains("\"name\":\"joe\"")
        .contains("\"staff\"")
        .contains("\"authenticated\":\"proxy\"");
    assertThat(wrong.text()).contains("\"name\":null").doesNotContain("_admin");
  }

  @Test
  void totp_isNeededToLogIn_andRefusesBasic() throws Exception {
    admin.put(
        "/_users/org.couchdb.user:tina",
        "{\"name\":\"tina\",\"password\":\"t\",\"type\":\"user\",\"roles\":[],\"totp\":{\"key\":\""
            + TOTP_BASE32 + "\"}}");

    assertThat(logIn("tina", "t", "000000").status()).isEqualTo(401);
    assertThat(logIn("tina", "t", code()).status()).isEqualTo(200);
    assertThat(new Http("http://tina:t@127.0.0.1:" + service.port()).get("/").status())
        .isEqualTo(401);
  }

  private static HttpAnswer logIn(String name, String password, String token) {
    return http.post(
        "/_session",
        "{\"name\":\"" + name + "\",\"password\":\"" + password + "\",\"token\":\"" + token
            + "\"}");
  }

  private static String code() throws Exception {
    Mac mac = Mac.getInstance("HmacSHA1");
    mac.init(new SecretKeySpec(TOTP_KEY, "HmacSHA1"));
    long step = Instant.now().getEpochSecond() / 30;
    byte[] hash = mac.doFinal(ByteBuffer.allocate(8).putLong(step).array());
    int number = ByteBuffer.wrap(hash).getInt(hash[19] & 0xF) & 0x7FFFFFFF;
    return String.format("%06d", number % 1_000_000);
  }

  @Test
  void cookie_olderThanATenthOfItsLife_isRenewed() {
    String text = admin.get("/_node/_local/_config/admins/admin").text().strip();
    String salt =
        PasswordHash.parse(text.substring(1, text.length() - 1)).orElseThrow().salt();
    SessionCookies cookies = service.part(SessionCookies.class);
    String young = cookies.create("admin", salt, Instant.now().minusSeconds(30));
    String old = cookies.create("admin", salt, Instant.now().minusSeconds(100));
    String expired = cookies.create("admin", salt, Instant.now().minusSeconds(601));

    assertThat(http.get("/_all_dbs", "Cookie: AuthSession=" + young).header("Set-Cookie"))
        .isEmpty();
    HttpAnswer renewed = http.get("/_all_dbs", "Cookie: AuthSession=" + old);
    assertThat(renewed.status()).isEqualTo(200);
    assertThat(renewed.header("Set-Cookie").orElseThrow())
        .startsWith("AuthSession=")
        .doesNotContain(old);
    assertThat(http.get("/_all_dbs", "Cookie: AuthSession=" + expired).status()).isEqualTo(401);
    assertThat(
        http.delete("/_session", "Cookie: AuthSession=" + old)
            .header("Set-Cookie")
            .orElseThrow())
        .startsWith("AuthSession=;");
  }
}
