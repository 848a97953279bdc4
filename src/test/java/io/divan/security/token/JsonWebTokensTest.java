package io.divan.security.token;

import static io.divan.security.token.TestTokens.EC;
import static io.divan.security.token.TestTokens.RSA;
import static io.divan.security.token.TestTokens.encode;
import static io.divan.security.token.TestTokens.pem;
import static io.divan.security.token.TestTokens.secret;
import static io.divan.security.token.TestTokens.sign;
import static io.divan.security.token.TestTokens.token;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.configuration.ConfigurationException;
import io.divan.configuration.InvalidProperty;
import io.divan.configuration.RuntimeConfiguration;
import io.divan.document.DocumentException;
import io.divan.document.Principal;
import io.divan.security.password.ManualClock;
import io.divan.security.token.JsonWebTokens.Claims;
import java.nio.charset.StandardCharsets;
import java.security.Key;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** JSON Web Tokens, with the vectors of CouchDB's own tests. */
class JsonWebTokensTest {
  private static final String SECRET = "zxczxc12zxczxc12";
  private static final long NOW = 1_800_000_000;
  private static final String JOE = "{\"sub\":\"joe\",\"exp\":1800000001}";

  private static final String ROLES_AS_LIST =
      "eyJ0eXAiOiJKV1QiLCJraWQiOiJteWp3dHRlc3RrZXkiLCJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM"
          + "0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiYWRtaW4iOnRydWUsImlhdCI6MTY1NTI5NTgxMCwiZXh"
          + "wIjoxOTI0OTg4Mzk5LCJteSI6eyJuZXN0ZWQiOnsiX2NvdWNoZGIucm9sZXMiOlsibXlfbmVzdGVkX2N"
          + "vdWNoZGIucm9sZXNfMSIsIm15X25lc3RlZF9jb3VjaGRiLnJvbGVzXzEiXX19LCJfY291Y2hkYi5yb2x"
          + "lcyI6WyJfY291Y2hkYi5yb2xlc18xIiwiX2NvdWNoZGIucm9sZXNfMiJdLCJteS5fY291Y2hkYi5yb2x"
          + "lcyI6WyJteS5fY291Y2hkYi5yb2xlc18xIiwibXkuX2NvdWNoZGIucm9sZXNfMiJdLCJmb28iOnsiYmF"
          + "yLnpvbmsiOnsiYmF6LmJ1dSI6eyJiYWEiOnsiYmFhLmJlZSI6eyJyb2xlcyI6WyJteV9uZXN0ZWRfcm9"
          + "sZV8xIiwibXlfbmVzdGVkX3JvbGVfMiJdfX19fX19._3BgqHB8ETk4QPOn_LMgUkjgsjgqDCf7AUlV3X"
          + "RmP6A";

  private static final String ROLES_AS_TEXT =
      "eyJ0eXAiOiJKV1QiLCJraWQiOiJteWp3dHRlc3RrZXkyIiwiYWxnIjoiSFMyNTYifQ.eyJzdWIiOiIxM"
          + "jM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiYWRtaW4iOnRydWUsImlhdCI6MTY1NTI5NTgxMCwiZ"
          + "XhwIjo0MTAyNDQxMTk5LCJteSI6eyJuZXN0ZWQiOnsiX2NvdWNoZGIucm9sZXMiOiJteV9uZXN0ZWRfY"
          + "291Y2hkYl9zdHJpbmcucm9sZXNfMSwgbXlfbmVzdGVkX2NvdWNoZGJfc3RyaW5nLnJvbGVzXzEifX0sI"
          + "l9jb3VjaGRiLnJvbGVzIjoiX2NvdWNoZGJfc3RyaW5nLnJvbGVzXzEsX2NvdWNoZGJfc3RyaW5nLnJvb"
          + "GVzXzIiLCJteS5fY291Y2hkYi5yb2xlcyI6Im15Ll9jb3VjaGRiX3N0cmluZy5yb2xlc18xLCBteS5fY"
          + "291Y2hkYl9zdHJpbmcucm9sZXNfMiIsImZvbyI6eyJiYXIuem9uayI6eyJiYXouYnV1Ijp7ImJhYSI6e"
          + "yJiYWEuYmVlIjp7InJvbGVzIjoibXlfbmVzdGVkX3N0cmluZ19yb2xlXzEsIG15X25lc3RlZF9zdHJpb"
          + "mdfcm9sZV8yIn19fX19fQ.nUQYe_Fy1LBY0F4jbfLwj47p2468v0lrCzHXMWpkfA4";

  private final RuntimeConfiguration configuration = new RuntimeConfiguration();
  private final JsonWebTokens tokens =
      JsonWebTokens.declare(
          configuration,
          new JwtProperties(Map.of(), "", "exp", "_couchdb.roles", ""),
          new ManualClock(Instant.ofEpochSecond(NOW)));

  private void setKey(String entry, String value) {
    configuration.set("jwt_keys", entry, value.replace("\n", "\\n"), false);
  }

  private void set(String key, String value) {
    configuration.set("jwt_auth", key, value, false);
  }

  private void setSecret(String entry, String secret) {
    setKey(entry, TestTokens.base64(secret));
  }

  private void assertBadRequest(String token, String reason) {
    assertThatThrownBy(() -> tokens.verify(token))
        .isInstanceOf(DocumentException.BadRequest.class)
        .hasMessage(reason);
  }

  private void assertUnauthorized(String token, String reason) {
    assertThatThrownBy(() -> tokens.verify(token))
        .isInstanceOf(DocumentException.Unauthorized.class)
        .hasMessage(reason);
  }

  private static String unsigned(String header, String claims) {
    return encode(header) + "." + encode(claims) + "." + encode("bad");
  }

  private static String hmac(String claims) {
    return token("HS256", "", claims, secret(SECRET));
  }

  /** As CouchDB's jwtauth_test: any key with any algorithm of its type. */
  @ParameterizedTest
  @ValueSource(strings = {
    "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "ES256", "ES384", "ES512",
  })
  void verify_everyAlgorithm_isAccepted(String algorithm) {
    assertThat(tokens.isEnabled()).isFalse();
    setSecret("hmac:_default", SECRET);
    setKey("rsa:_default", pem(RSA.getPublic()));
    setKey("ec:_default", pem(EC.getPublic()));
    assertThat(tokens.isEnabled()).isTrue();
    Key key =
        switch (algorithm.charAt(0)) {
          case 'H' -> secret(SECRET);
          case 'R' -> RSA.getPrivate();
          default -> EC.getPrivate();
        };
    String claims =
        "{\"nbf\":1799999940,\"exp\":1800000060,\"sub\":\"couch@apache.org\","
            + "\"_couchdb.roles\":[\"testing\"]}";

    Claims verified = tokens.verify(token(algorithm, "", claims, key));

    assertThat(verified).isEqualTo(new Claims("couch@apache.org", List.of("testing")));
    assertThat(verified.principal())
        .isEqualTo(new Principal(Optional.of("couch@apache.org"), Set.of("testing")));
    String other = token(algorithm, "", claims.replace("couch@", "admin@"), key);
    String forged =
        other.substring(0, other.lastIndexOf('.'))
            + token(algorithm, "", claims, key)
                .substring(token(algorithm, "", claims, key).lastIndexOf('.'));
    assertBadRequest(
        forged,
        algorithm.startsWith("HS")
            ? "Bad HMAC in authentication token"
            : "Bad signature in authentication token");
  }

  /** The attack on libraries that let the token choose how a key is used. */
  @Test
  void verify_hmacOverAPublicKey_isRefused() {
    String pem = pem(RSA.getPublic());
    setKey("rsa:_default", pem);
    setKey("rsa:one", pem);
    String[] secrets = {pem, pem.strip(), new String(RSA.getPublic().getEncoded(),
        StandardCharsets.ISO_8859_1)};
    for (String text : secrets) {
      assertBadRequest(token("HS256", "", JOE, secret(text)), "Unknown kid");
      assertBadRequest(token("HS256", "one", JOE, secret(text)), "Unknown kid");
    }
    setSecret("hmac:one", SECRET);
    assertBadRequest(
        token("HS256", "one", JOE, secret(pem)), "Bad HMAC in authentication token");
    assertBadRequest(token("ES256", "one", JOE, EC.getPrivate()), "Unknown kid");
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "NONE", "HS1", "PS256", "EdDSA", "hs256", ""})
  void verify_otherAlgorithm_isRefused(String algorithm) {
    setSecret("hmac:_default", SECRET);
    String header = "{\"alg\":\"" + algorithm + "\"}";
    assertBadRequest(unsigned(header, JOE), "Invalid alg header parameter");
    assertBadRequest(
        encode(header) + "." + encode(JOE) + ".", "Invalid alg header parameter");
  }

  /** As CouchDB's jwtf_tests. */
  @Test
  void verify_malformed_isRefused() {
    setSecret("hmac:_default", SECRET);
    for (String token : List.of(
        "0.0.0", " aGVsbG8. aGVsbG8. aGVsbG8", "fQ.fQ.fQ", "ew.ew.ew", "a.b.c.d", "", "..",
        encode("{\"alg\":\"HS256\"}") + "." + encode(JOE) + ".!")) {
      assertBadRequest(token, "Malformed authentication token");
    }
    assertBadRequest(unsigned("[]", JOE), "Not an object");
    assertBadRequest(unsigned("{\"alg\":\"HS256\"}", "1"), "Not an object");
    assertBadRequest(unsigned("{}", JOE), "Missing alg header parameter");
    assertBadRequest(unsigned("{\"alg\":1}", JOE), "Invalid alg header parameter");
    assertBadRequest(unsigned("{\"alg\":\"HS256\"}", JOE), "Bad HMAC in authentication token");
    assertBadRequest(
        sign("{\"alg\":\"HS256\",\"crit\":[\"b64\"],\"b64\":true}", JOE, "HS256", secret(SECRET)),
        "Bad HMAC in authentication token");
  }

  @Test
  void verify_requiredClaims_areChecked() {
    setSecret("hmac:_default", SECRET);
    set("required_claims", "typ, kid,iat,nbf,exp,{iss,\"right\"}");
    String header = "{\"typ\":\"JWT\",\"alg\":\"HS256\",\"kid\":\"_default\"}";
    Map<String, String> bad =
        Map.of(
            "{}", "Missing iss claim",
            "{\"iss\":\"wrong\"}", "Invalid iss claim",
            "{\"iss\":\"right\"}", "Missing iat claim",
            "{\"iss\":\"right\",\"iat\":\"hello\"}", "Invalid iat claim",
            "{\"iss\":\"right\",\"iat\":1.5}", "Invalid iat claim",
            "{\"iss\":\"right\",\"iat\":1}", "Missing nbf claim",
            "{\"iss\":\"right\",\"iat\":1,\"nbf\":1}", "Missing exp claim");
    bad.forEach((claims, reason) -> assertBadRequest(unsigned(header, claims), reason));
    String begin = "{\"sub\":\"joe\",\"iss\":\"right\",\"iat\":1,";
    assertUnauthorized(unsigned(header, begin + "\"nbf\":1800000000}"), "nbf not in past");
    assertUnauthorized(unsigned(header, begin + "\"nbf\":\"1\"}"), "nbf not in past");
    for (String exp : List.of("0", "1800000000", "\"x\"", "null", "-1e9")) {
      assertUnauthorized(
          unsigned(header, begin + "\"nbf\":1,\"exp\":" + exp + "}"), "exp not in future");
    }
    String good = begin + "\"nbf\":1799999999,\"exp\":1800000001}";
    assertBadRequest(unsigned("{\"alg\":\"HS256\"}", good), "Missing typ header parameter");
    assertBadRequest(
        unsigned("{\"alg\":\"HS256\",\"typ\":\"NOPE\"}", good), "Invalid typ header parameter");
    assertBadRequest(
        unsigned("{\"alg\":\"HS256\",\"typ\":\"JWT\"}", good), "Missing kid claim");
    assertThat(tokens.verify(sign(header, good, "HS256", secret(SECRET))).subject())
        .isEqualTo("joe");
  }

  @Test
  void verify_claimsThatAreNotRequired_areIgnored() {
    setSecret("hmac:_default", SECRET);
    set("required_claims", "");

    assertThat(
        tokens
            .verify(hmac("{\"sub\":\"joe\",\"exp\":1,\"iat\":9,\"nbf\":4100000000,\"iss\":\"x\"}"))
            .subject())
        .isEqualTo("joe");
    assertUnauthorized(hmac("{\"iss\":\"x\"}"), "Token missing sub claim.");
    assertUnauthorized(hmac("{\"sub\":1}"), "Token missing sub claim.");
  }

  /** jwt.io made these tokens for CouchDB's jwtf_tests; they lack a subject. */
  @Test
  void verify_vectorsOfJwtf_areVerified() {
    set("required_claims", "");
    setSecret("hmac:123456", "secret");
    setKey(
        "rsa:_default",
        "-----BEGIN PUBLIC KEY-----\n"
            + "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDdlatRjRjogo3WojgGH"
            + "FHYLugdUWAY9iR3fy4arWNA1KoS8kVw33cJibXr8bvwUAUparCwlvdbH6"
            + "dvEOfou0/gCFQsHUfQrSDv+MuSUMAe8jzKE4qW+jK+xQU9a03GUnKHkkl"
            + "e+Q0pX/g6jXZ7r1/xAK5Do2kQ+X5xK9cipRgEKwIDAQAB\n"
            + "-----END PUBLIC KEY-----\n");
    setKey(
        "ec:_default",
        "-----BEGIN PUBLIC KEY-----\n"
            + "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEVs/o5+uQbTjL3chynL4wXgUg2R9"
            + "q9UU8I5mEovUf86QZ7kOBIjJwqnzD1omageEHWwHdBO6B+dFabmdT9POxg==\n"
            + "-----END PUBLIC KEY-----\n");
    assertUnauthorized(
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6IjEyMzQ1Ni"
            + "J9.eyJpc3MiOiJodHRwczovL2Zvby5jb20iLCJpYXQiOjAsImV4cCI"
            + "6MTAwMDAwMDAwMDAwMDAsImtpZCI6ImJhciJ9.iS8AH11QHHlczkBn"
            + "Hl9X119BYLOZyZPllOVhSBZ4RZs",
        "Token missing sub claim.");
    assertThat(
        tokens
            .verify(
                "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0N"
                    + "TY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiYWRtaW4iOnRydWV9.Ek"
                    + "N-DOsnsuRjRO6BxXemmJDm3HbxrbRzXglbN2S4sOkopdU4IsDxTI8j"
                    + "O19W_A4K8ZPJijNLis4EZsHeY559a4DFOd50_OqgHGuERTqYZyuhtF"
                    + "39yxJPAjUESwxk2J5k_4zM3O-vtd1Ghyo4IbqKKSy6J9mTniYJPenn"
                    + "5-HIirE")
            .subject())
        .isEqualTo("1234567890");
    assertThat(
        tokens
            .verify(
                "eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0N"
                    + "TY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiYWRtaW4iOnRydWV9.1g"
                    + "LptYop2guxSZHmf0ga292suPxwBdkijA1ZopCSSYLBdEl8Bg2fsxoU"
                    + "cZuSGztMU9qAKV2p80NQn8czeGhHXA")
            .subject())
        .isEqualTo("1234567890");
  }

  /** As CouchDB's jwt_roles_claim_test. */
  @Test
  void verify_rolesOfCouchDbsTest_areRead() {
    setKey("hmac:myjwttestkey", "YS1zdHJpbmctc2VjcmV0LWF0LWxlYXN0LTI1Ni1iaXRzLWxvbmc=");
    setKey("hmac:myjwttestkey2", "VW5kb3VidGVkbHktRW5nYWdpbmctUm9hZHdheS0wMjk=");

    assertRoles("_couchdb.roles_1", "_couchdb_string.roles_1");
    set("roles_claim_name", "my._couchdb.roles");
    assertRoles("my._couchdb.roles_1", "my._couchdb_string.roles_1");
    set("roles_claim_path", "foo.bar\\.zonk.baz\\.buu.baa.baa\\.bee.roles");
    assertRoles("my_nested_role_1", "my_nested_string_role_1");
    for (String path : List.of(
        "<<foo.bar\\.zonk.baz\\.buu.baa.baa\\.bee.roles",
        "foo.bar\\.zonk.baz\\.buu.baa.baa\\.bee.roles>>",
        "123456",
        "sub.x")) {
      set("roles_claim_path", path);
      assertThatThrownBy(() -> tokens.verify(ROLES_AS_LIST))
          .isInstanceOf(DocumentException.NotFound.class);
    }
  }

  private void assertRoles(String inList, String inText) {
    assertThat(tokens.verify(ROLES_AS_LIST))
        .isEqualTo(
            new Claims("1234567890", List.of(inList, inList.replaceFirst("1$", "2"))));
    assertThat(tokens.verify(ROLES_AS_TEXT))
        .isEqualTo(
            new Claims("1234567890", List.of(inText, inText.replaceFirst("1$", "2"))));
  }

  @Test
  void verify_rolesOfAnotherType_areMalformed() {
    setSecret("hmac:_default", SECRET);
    for (String roles : List.of("1", "{}", "[1]", "[\"a\",null]", "true")) {
      assertBadRequest(
          hmac("{\"sub\":\"joe\",\"exp\":1800000001,\"_couchdb.roles\":" + roles + "}"),
          "Malformed token");
    }
    assertThat(tokens.verify(hmac(JOE)).roles()).isEmpty();
  }

  @Test
  void verify_keyChanged_countsAtOnce() {
    setSecret("hmac:one", SECRET);
    String token = token("HS256", "one", JOE, secret(SECRET));
    assertThat(tokens.verify(token).subject()).isEqualTo("joe");
    assertBadRequest(token("HS256", "two", JOE, secret(SECRET)), "Unknown kid");
    assertBadRequest(hmac(JOE), "Unknown kid");

    setSecret("hmac:one", "another secret");
    assertBadRequest(token, "Bad HMAC in authentication token");
    configuration.remove("jwt_keys", "hmac:one", false);
    assertBadRequest(token, "Unknown kid");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
    "hmac:a|!", "hmac:a|''", "hmac:|YQ==", "aes:a|YQ==", "a|YQ==", "rsa:a|YQ==",
    "ec:a|-----BEGIN PUBLIC KEY-----YQ==-----END PUBLIC KEY-----",
  })
  void setKey_notAKey_isRefused(String entry, String value) {
    assertThatThrownBy(() -> setKey(entry, value)).isInstanceOf(ConfigurationException.class);
    assertThatThrownBy(
        () -> TokenKeys.declare(new RuntimeConfiguration(), Map.of(entry, value)))
        .isInstanceOf(InvalidProperty.class)
        .hasMessageContaining("divan.jwt.keys[" + entry + "]");
  }

  @Test
  void setKey_keyOfAnotherType_isRefused() {
    assertThatThrownBy(() -> setKey("ec:a", pem(RSA.getPublic())))
        .isInstanceOf(ConfigurationException.class);
    assertThatThrownBy(() -> setKey("rsa:a", pem(EC.getPublic())))
        .isInstanceOf(ConfigurationException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "foo", "exp,", ",exp", "exp exp", "exp,exp", "iss", "{iss}", "{aud,\"x\"}",
    "{iss,\"x\"", "exp {iss,\"x\"}",
  })
  void setRequiredClaims_unknown_isRefused(String value) {
    assertThatThrownBy(() -> set("required_claims", value))
        .isInstanceOf(ConfigurationException.class);
  }
}
