package io.divan.api.attachment;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.divan.Http;
import io.divan.HttpAnswer;
import io.divan.SharedService;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Single attachments over HTTP. The answers are CouchDB's where a comment does not say why not. */
@ExtendWith(SharedService.class)
class AttachmentTest {
  private static final String TEXT = "This is a base64 encoded text";
  private static final String PNG = "Content-Type: image/png";
  private static final String PLAIN = "Content-Type: text/plain";

  private static HttpAnswer put(Http http, String target, byte[] body, String... headers) {
    return http.send("PUT", target, List.of(headers), Optional.of(body));
  }

  private static HttpAnswer put(Http http, String target, String body, String... headers) {
    return put(http, target, body.getBytes(UTF_8), headers);
  }

  private static String revision(HttpAnswer answer) {
    return answer.json().get("rev").asString();
  }

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 64_000, 64_001, 96_000, 1_000_000, 5_000_011})
  void put_anyLength_isReadBack(int length, Http http) {
    String db = http.newDatabase();
    byte[] bytes = random(length);
    HttpAnswer stored = put(http, db + "/a/pic.png", bytes, PNG);
    assertThat(stored.status()).isEqualTo(201);
    assertThat(stored.header("Location").orElseThrow()).endsWith(db + "/a/pic.png");
    assertThat(stored.header("ETag")).isEmpty();
    HttpAnswer read = http.get(db + "/a/pic.png");
    assertThat(read.bytes()).isEqualTo(bytes);
    assertThat(read.header("Content-Type")).contains("image/png");
    assertThat(read.header("Content-Length")).contains(Integer.toString(length));
    assertThat(read.header("Accept-Ranges")).contains("bytes");
    assertThat(read.header("Cache-Control")).contains("must-revalidate");
    assertThat(read.header("Content-Security-Policy")).contains("sandbox");
    HttpAnswer head = http.head(db + "/a/pic.png");
    assertThat(head.header("Content-Length")).contains(Integer.toString(length));
    assertThat(head.header("ETag")).isEqualTo(read.header("ETag"));
  }

  @Test
  void put_compressible_isSentAsTheClientAccepts(Http http) throws IOException {
    String db = http.newDatabase();
    put(http, db + "/a/t.txt", TEXT, PLAIN);
    HttpAnswer identity = http.get(db + "/a/t.txt");
    assertThat(identity.text()).isEqualTo(TEXT);
    assertThat(identity.header("Content-Encoding")).isEmpty();
    assertThat(identity.header("Accept-Ranges")).contains("none");
    assertThat(identity.header("ETag")).contains("\"qUUYqS41RhwF0TrCsTAxFg==\"");
    HttpAnswer gzip = http.get(db + "/a/t.txt", "Accept-Encoding: gzip");
    assertThat(gzip.header("Content-Encoding")).contains("gzip");
    assertThat(new GZIPInputStream(new java.io.ByteArrayInputStream(gzip.bytes())).readAllBytes())
        .isEqualTo(TEXT.getBytes(UTF_8));
    assertThat(http.get(db + "/a?att_encoding_info=false").text())
        .contains("\"digest\":\"md5-qUUYqS41RhwF0TrCsTAxFg==\",\"length\":29,\"stub\":true");
  }

  @Test
  void put_sentGzipped_isStoredAsSent(Http http) throws IOException {
    String db = http.newDatabase();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(TEXT.getBytes(UTF_8));
    }
    HttpAnswer stored =
        put(http, db + "/a/g", out.toByteArray(), PNG, "Content-Encoding: gzip");
    assertThat(stored.status()).isEqualTo(201);
    assertThat(http.get(db + "/a/g").text()).isEqualTo(TEXT);
    assertThat(http.get(db + "/a/g", "Accept-Encoding: gzip").bytes())
        .isEqualTo(out.toByteArray());
    // CouchDB stores what is not gzip, and cannot send it.
    assertThat(put(http, db + "/b/g", "no gzip", PNG, "Content-Encoding: gzip").status())
        .isEqualTo(400);
    assertThat(put(http, db + "/b/g", "x", PNG, "Content-Encoding: br").status())
        .isEqualTo(415);
    assertThat(http.get(db + "/b").status()).isEqualTo(404);
  }

  @Test
  void put_revisions_areChecked(Http http) {
    String db = http.newDatabase();
    String first = revision(put(http, db + "/a/x", "1", PLAIN));
    assertThat(put(http, db + "/a/x", "2", PLAIN).status()).isEqualTo(409);
    assertThat(put(http, db + "/a/x?rev=1-abc", "2", PLAIN).json().get("reason").asString())
        .isEqualTo("missing_rev");
    assertThat(put(http, db + "/a/x?rev=x", "2", PLAIN).status()).isEqualTo(400);
    String second = revision(put(http, db + "/a/y?rev=" + first, "2", PLAIN));
    String third =
        revision(put(http, db + "/a/x", "3", PLAIN, "If-Match: \"" + second + "\""));
    assertThat(http.get(db + "/a").text())
        .containsSubsequence("\"x\":{", "\"revpos\":3", "\"y\":{", "\"revpos\":2");
    assertThat(http.get(db + "/a/x?rev=" + first).text()).isEqualTo("1");
    assertThat(http.get(db + "/a/x").text()).isEqualTo("3");
    assertThat(http.get(db + "/a/x?latest=true&rev=" + first).text()).isEqualTo("3");
    assertThat(http.get(db + "/a/x?latest=true&rev=1-abc").status()).isEqualTo(404);
    assertThat(http.get(db + "/a/y?rev=" + first).status()).isEqualTo(404);
    assertThat(http.delete(db + "/a/x").status()).isEqualTo(409);
    HttpAnswer deleted = http.delete(db + "/a/x?rev=" + third);
    assertThat(deleted.status()).isEqualTo(200);
    assertThat(http.get(db + "/a/x").json().get("reason").asString())
        .isEqualTo("Document is missing attachment");
    assertThat(http.get(db + "/a/y").text()).isEqualTo("2");
    assertThat(http.get(db + "/none/y").json().get("reason").asString()).isEqualTo("missing");
  }

  @ParameterizedTest
  @CsvSource({
    "foo/bar.txt, foo%2Fbar.txt",
    "foo%2Fbar.txt, foo/bar.txt",
    "foo%252Fbar, foo%252Fbar",
    "a%20b, a+b",
    "a%2Bb, a%2Bb",
    "%E6%97%A5.txt, %E6%97%A5.txt",
    "x//y, x/y",
    "%3F%25%22, %3F%25%22"
  })
  void put_name_isFound(String put, String get, Http http) {
    String db = http.newDatabase();
    assertThat(put(http, db + "/a/" + put, TEXT, PNG).status()).isEqualTo(201);
    assertThat(http.get(db + "/a/" + get).text()).isEqualTo(TEXT);
    assertThat(put(http, db + "/_design/d/" + put, TEXT, PNG).status()).isEqualTo(201);
    assertThat(http.get(db + "/_design/d/" + get).text()).isEqualTo(TEXT);
  }

  @ParameterizedTest
  @CsvSource({
    "/a/_x, 400, Attachment name '_x' starts with prohibited character '_'",
    "/a/%5Fx, 400, Attachment name '_x' starts with prohibited character '_'",
    "/_local/a/x, 400, _local documents do not accept attachments.",
    "/_local%2Fa/x, 400, _local documents do not accept attachments."
  })
  void put_illegalName_isRefused(String path, int status, String reason, Http http) {
    String db = http.newDatabase();
    HttpAnswer refused = put(http, db + path, TEXT, PNG);
    assertThat(refused.status()).isEqualTo(status);
    assertThat(refused.json().get("reason").asString()).isEqualTo(reason);
  }

  @Test
  void post_isNotAllowed(Http http) {
    String db = http.newDatabase();
    HttpAnswer refused = http.post(db + "/a/x", "{}");
    assertThat(refused.status()).isEqualTo(405);
    assertThat(refused.header("Allow")).contains("DELETE,GET,HEAD,PUT");
  }

  @Test
  void put_contentMd5_isChecked(Http http) throws Exception {
    String db = http.newDatabase();
    String md5 =
        Base64.getEncoder()
            .encodeToString(MessageDigest.getInstance("MD5").digest(TEXT.getBytes(UTF_8)));
    // CouchDB's clustered code does not look at it any more.
    HttpAnswer refused = put(http, db + "/a/x", "other text", PNG, "Content-MD5: " + md5);
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.json().get("error").asString()).isEqualTo("content_md5_mismatch");
    String unpadded = "Content-MD5: " + md5.replace("=", "");
    assertThat(put(http, db + "/a/x", TEXT, PNG, unpadded).status()).isEqualTo(400);
    assertThat(http.get(db + "/a").status()).isEqualTo(404);
    assertThat(put(http, db + "/a/x", TEXT, PNG, "Content-MD5: " + md5).status())
        .isEqualTo(201);
    assertThat(put(http, db + "/b/x", TEXT, PLAIN, "Content-MD5: " + md5).status())
        .isEqualTo(201);
  }

  @Test
  void get_ranges_areServed(Http http) {
    String db = http.newDatabase();
    byte[] bytes = random(300_000);
    put(http, db + "/a/x", bytes, PNG);
    HttpAnswer one = http.get(db + "/a/x", "Range: bytes=95990-96010");
    assertThat(one.status()).isEqualTo(206);
    assertThat(one.header("Content-Range")).contains("bytes 95990-96010/300000");
    assertThat(one.bytes()).isEqualTo(Arrays.copyOfRange(bytes, 95_990, 96_011));
    HttpAnswer last = http.get(db + "/a/x", "Range: bytes=-7");
    assertThat(last.bytes()).isEqualTo(Arrays.copyOfRange(bytes, 299_993, 300_000));
    HttpAnswer none = http.get(db + "/a/x", "Range: bytes=300000-");
    assertThat(none.status()).isEqualTo(416);
    assertThat(none.header("Content-Range")).contains("bytes */300000");
    HttpAnswer two = http.get(db + "/a/x", "Range: bytes=0-3,299990-");
    assertThat(two.status()).isEqualTo(206);
    assertThat(two.header("Content-Type").orElseThrow()).startsWith("multipart/byteranges");
    assertThat(two.text())
        .contains("Content-Range: bytes 0-3/300000")
        .contains("Content-Range: bytes 299990-299999/300000");
    String tag = one.header("ETag").orElseThrow();
    assertThat(http.get(db + "/a/x", "Range: bytes=0-3", "If-Range: \"other\"").status())
        .isEqualTo(200);
    assertThat(http.get(db + "/a/x", "Range: bytes=0-3", "If-Range: " + tag).status())
        .isEqualTo(206);
    HttpAnswer known = http.get(db + "/a/x", "If-None-Match: " + tag);
    assertThat(known.status()).isEqualTo(304);
    assertThat(known.bytes()).isEmpty();
  }

  @Test
  void put_tooLarge_isRefused(Http http) {
    String db = http.newDatabase();
    http.put("/_node/_local/_config/couchdb/max_attachment_size", "\"1000\"");
    try {
      HttpAnswer refused = put(http, db + "/a/x", random(1_001), PNG);
      assertThat(refused.status()).isEqualTo(413);
      assertThat(refused.json().get("error").asString()).isEqualTo("attachment_too_large");
      assertThat(refused.json().get("reason").asString()).isEqualTo("x");
      assertThat(put(http, db + "/a/x", random(1_000), PNG).status()).isEqualTo(201);
    } finally {
      http.delete("/_node/_local/_config/couchdb/max_attachment_size");
    }
  }
}
