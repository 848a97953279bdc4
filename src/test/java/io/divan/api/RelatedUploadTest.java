package io.divan.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.Http;
import io.divan.HttpAnswer;
import io.divan.HttpConnection;
import io.divan.Service;
import io.divan.SharedService;
import io.divan.document.Databases;
import io.divan.document.Principal;
import io.divan.document.maintenance.DatabaseCheck;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Documents that are stored with their attachments by one {@code multipart/related} request. */
@ExtendWith(SharedService.class)
class RelatedUploadTest {
  private static final String TYPE = "Content-Type: multipart/related; boundary=\"b\"";
  private static final byte[] LARGE = random(700_001);

  private final Service service;
  private final Http http;
  private String db = "";

  RelatedUploadTest(Service service) {
    this.service = service;
    this.http = service.http();
  }

  @BeforeEach
  void createDatabase() {
    db = http.newDatabase();
  }

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** A body with a document, in which single quotes are double ones, and parts. */
  private static byte[] body(String json, byte[]... parts) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.writeBytes(ascii("--b\r\nContent-Type: application/json\r\n\r\n"));
    body.writeBytes(ascii(json.replace('\'', '"')));
    for (byte[] part : parts) {
      body.writeBytes(ascii("\r\n--b\r\n\r\n"));
      body.writeBytes(part);
    }
    body.writeBytes(ascii("\r\n--b--"));
    return body.toByteArray();
  }

  private static String follows(String name, String type, int length) {
    return "'" + name + "':{'follows':true,'content_type':'" + type + "','length':" + length + "}";
  }

  private HttpAnswer put(String target, byte[] body) {
    return http.send("PUT", db + target, List.of(TYPE), Optional.of(body));
  }

  private static String error(HttpAnswer answer) {
    return answer.json().get("error").stringValue();
  }

  private static String md5(byte[] bytes) throws Exception {
    byte[] md5 = MessageDigest.getInstance("MD5").digest(bytes);
    return "md5-" + Base64.getEncoder().encodeToString(md5);
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }

  private void expectNothing(String target) {
    assertThat(http.get(db + target).status()).isEqualTo(404);
    assertThat(new StoredContents(service, db).rows()).isZero();
  }

  @Test
  void put_contentsInOtherParts_areStoredInTheOrderOfTheDocument() throws IOException {
    byte[] body =
        body(
            "{'x':1,'_attachments':{" + follows("z", "image/png", LARGE.length) + ","
                + follows("a", "text/plain", 5) + "}}",
            LARGE,
            ascii("first"));
    try (HttpConnection connection = http.connect()) {
      HttpAnswer saved = connection.send("PUT", db + "/d", List.of(TYPE), body).answer().whole();
      assertThat(saved.status()).as(saved.text()).isEqualTo(201);
      assertThat(saved.header("ETag")).contains('"' + saved.json().get("rev").stringValue() + '"');

      HttpAnswer large = connection.send("GET", db + "/d/z", List.of()).answer().whole();
      assertThat(large.bytes()).isEqualTo(LARGE);
      assertThat(large.header("Content-Type")).contains("image/png");
      HttpAnswer text = connection.send("GET", db + "/d/a", List.of()).answer().whole();
      assertThat(text.text()).isEqualTo("first");
    }
    assertThat(DatabaseCheck.problems(
        service.part(Databases.class).open(db.substring(1), Principal.SERVER_ADMIN)))
        .isEmpty();
  }

  @Test
  void put_stub_keepsTheContentOfTheParent() {
    HttpAnswer first =
        put(
            "/d",
            body(
                "{'_attachments':{" + follows("a", "image/png", 3) + ","
                    + follows("b", "image/png", 3) + "}}",
                ascii("one"),
                ascii("two")));
    String revision = first.json().get("rev").stringValue();

    HttpAnswer second =
        put(
            "/d?rev=" + revision,
            body(
                "{'_attachments':{" + follows("c", "image/png", 5) + ",'a':{'stub':true}}}",
                ascii("three")));

    assertThat(second.status()).as(second.text()).isEqualTo(201);
    assertThat(http.get(db + "/d/a").text()).isEqualTo("one");
    assertThat(http.get(db + "/d/b").status()).isEqualTo(404);
    assertThat(http.get(db + "/d/c").text()).isEqualTo("three");
  }

  @Test
  void put_answerOfGet_storesTheSameElsewhere() {
    put(
        "/d",
        body(
            "{'_attachments':{" + follows("t", "text/plain", 4) + ","
                + follows("l", "image/png", LARGE.length) + "}}",
            ascii("text"),
            LARGE));
    HttpAnswer read =
        http.get(
            db + "/d?attachments=true&revs=true", "Accept: multipart/related");
    assertThat(read.header("Content-Length")).contains(Integer.toString(read.bytes().length));
    String other = http.newDatabase();
    for (int i = 0; i < 3; i++) {
      HttpAnswer copied =
          http.send(
              "PUT",
              other + "/d?new_edits=false",
              List.of("Content-Type: " + read.header("Content-Type").orElseThrow()),
              Optional.of(read.bytes()));
      assertThat(copied.status()).as(copied.text()).isEqualTo(201);
    }
    String target = "/d?attachments=true&att_encoding_info=true";
    assertThat(http.get(other + target, "Accept: application/json").json())
        .isEqualTo(http.get(db + target, "Accept: application/json").json());
  }

  @Test
  void put_digest_isChecked() throws Exception {
    for (String type : List.of("text/plain", "image/png")) {
      String json =
          "{'_attachments':{'a':{'follows':true,'length':3,'content_type':'" + type
              + "','digest':'%s'}}}";
      HttpAnswer wrong =
          put("/wrong", body(json.formatted(md5(ascii("other"))), ascii("one")));
      assertThat(wrong.status()).isEqualTo(400);
      assertThat(error(wrong)).isEqualTo("content_md5_mismatch");
      expectNothing("/wrong");
    }
    String json =
        "{'_attachments':{'a':{'follows':true,'length':3,'content_type':'text/plain',"
            + "'digest':'" + md5(ascii("one")) + "'}}}";
    HttpAnswer unpadded = put("/wrong", body(json.replace("==", ""), ascii("one")));
    assertThat(unpadded.status()).isEqualTo(400); // CouchDB: 500
    assertThat(error(unpadded)).isEqualTo("bad_request");
    assertThat(put("/right", body(json, ascii("one"))).status()).isEqualTo(201);
  }

  @Test
  void put_gzip_isStoredAsSent() throws Exception {
    byte[] text = ascii("text ".repeat(1_000));
    byte[] zipped = gzip(text);
    String json =
        "{'_attachments':{'a':{'follows':true,'content_type':'image/png','encoding':'gzip',"
            + "'length':" + text.length + ",'encoded_length':" + zipped.length
            + ",'digest':'" + md5(zipped) + "'}}}";

    assertThat(put("/d", body(json, zipped)).status()).isEqualTo(201);

    assertThat(http.get(db + "/d/a").bytes()).isEqualTo(text);
    assertThat(http.get(db + "/d/a", "Accept-Encoding: gzip").bytes()).isEqualTo(zipped);

    byte[] broken = Arrays.copyOf(zipped, zipped.length);
    broken[0] = 0;
    HttpAnswer refused =
        put("/e", body(json.replaceAll(",'digest':'[^']*'", ""), broken));
    assertThat(refused.status()).isEqualTo(400);
    assertThat(http.get(db + "/e").status()).isEqualTo(404);
  }

  @ParameterizedTest
  @CsvSource({
    "4, 'attachment shorter than expected'", "2, 'attachment longer than expected'",
    "true, 'Invalid attachment a: its length is not a number'"
  })
  void put_otherLength_isRefused(String length, String reason) {
    String json = "{'_attachments':{'a':{'follows':true,'length':" + length + "}}}";

    HttpAnswer answer = put("/d", body(json, ascii("one")));

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().get("reason").stringValue()).isEqualTo(reason);
    expectNothing("/d");
  }

  @Test
  void put_otherNumberOfParts_isRefused() {
    String json = "{'_attachments':{" + follows("a", "image/png", LARGE.length) + "}}";

    assertThat(put("/d", body(json, LARGE, ascii("another"))).status()).isEqualTo(400);
    expectNothing("/d");
    assertThat(put("/d", body(json)).status()).isEqualTo(400);
    expectNothing("/d");
    assertThat(put("/d", body("{}", ascii("one"))).status()).isEqualTo(400);
    expectNothing("/d");
  }

  @Test
  void put_conflict_leavesNothing() {
    http.put(db + "/d", "{}");
    String json = "{'_attachments':{" + follows("a", "image/png", LARGE.length) + "}}";

    HttpAnswer answer = put("/d", body(json, LARGE));

    assertThat(error(answer)).isEqualTo("conflict");
    assertThat(new StoredContents(service, db).rows()).isZero();
  }

  @Test
  void put_cutOff_leavesNothing() throws IOException {
    String json = "{'_attachments':{" + follows("a", "image/png", LARGE.length) + "}}";
    byte[] body = body(json, LARGE);
    for (int sent : new int[] {10, 70, 5_000, 400_000, body.length - 3}) {
      for (boolean chunked : new boolean[] {false, true}) {
        try (HttpConnection connection = http.connect()) {
          connection.send(
              "PUT " + db + "/d HTTP/1.1\r\nHost: h\r\n" + TYPE + "\r\n"
                  + (chunked
                      ? "Transfer-Encoding: chunked\r\n\r\n"
                          + Integer.toHexString(body.length) + "\r\n"
                      : "Content-Length: " + body.length + "\r\n\r\n"));
          connection.send(Arrays.copyOf(body, sent)).endSending();

          assertThat(connection.answer().whole().status()).as("%s", sent).isEqualTo(400);
          assertThat(connection.ends()).isTrue();
        }
        expectNothing("/d");
      }
    }
  }

  @Test
  void put_slowClient_isServed() throws IOException {
    byte[] body =
        body("{'_attachments':{" + follows("a", "text/plain", 5) + "}}", ascii("first"));
    try (HttpConnection connection = http.connect()) {
      connection.send(
          "PUT", db + "/d", List.of(TYPE, "Transfer-Encoding: chunked"));
      for (byte one : body) {
        connection.send(new byte[] {'1', '\r', '\n', one, '\r', '\n'});
      }
      connection.send("0\r\n\r\n");

      assertThat(connection.answer().whole().status()).isEqualTo(201);
      HttpAnswer read = connection.send("GET", db + "/d/a", List.of()).answer().whole();
      assertThat(read.text()).isEqualTo("first");
    }
  }

  @Test
  void put_expectContinue_asksForTheBody() throws IOException {
    byte[] body = body("{'_attachments':{" + follows("a", "image/png", 3) + "}}", ascii("one"));
    List<String> headers =
        List.of(TYPE, "Expect: 100-continue", "Content-Length: " + body.length);
    try (HttpConnection connection = http.connect()) {
      connection.send("PUT", db + "/d", headers);
      assertThat(connection.interimStatus()).isEqualTo(100);
      assertThat(connection.send(body).answer().whole().status()).isEqualTo(201);
    }
    try (HttpConnection connection = http.connect()) {
      connection.send("PUT", db + "missing/d", headers);
      assertThat(connection.answer().whole().status()).isEqualTo(404);
    }
  }

  @Test
  void put_localDocument_dropsContents() {
    HttpAnswer saved =
        put(
            "/_local/d",
            body("{'x':1,'_attachments':{" + follows("a", "image/png", 3) + "}}", ascii("one")));

    assertThat(saved.status()).isEqualTo(201);
    HttpAnswer read = http.get(db + "/_local/d");
    assertThat(read.json().get("x").intValue()).isEqualTo(1);
    assertThat(read.json().has("_attachments")).isFalse();
    assertThat(new StoredContents(service, db).rows()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "multipart/related, 400", "multipart/related; boundary=, 400",
    "multipart/related; boundary=other, 400", "Multipart/Related; boundary=b, 201",
    "multipart/related ; boundary=b, 201"
  })
  void put_contentType_isReadAsMediaType(String type, int status) {
    HttpAnswer answer =
        http.send(
            "PUT", db + "/d", List.of("Content-Type: " + type), Optional.of(body("{}")));

    assertThat(answer.status()).isEqualTo(status);
  }

  @Test
  void put_firstPartIsNotJson_isRefused() {
    byte[] body = ascii("--b\r\nContent-Type: text/plain\r\n\r\n{}\r\n--b--");

    HttpAnswer answer = put("/d", body);

    assertThat(answer.status()).isEqualTo(415);
    expectNothing("/d");
  }

  @Test
  void put_tooManyAttachments_isTooLarge() {
    StringBuilder json = new StringBuilder("{'_attachments':{");
    for (int i = 0; i < 2_000; i++) {
      json.append(i == 0 ? "" : ",").append("'").append(i).append("':{'data':''}");
    }

    HttpAnswer answer = put("/d", body(json.append("}}").toString()));

    assertThat(answer.status()).isEqualTo(413);
    assertThat(error(answer)).isEqualTo("document_too_large");
    expectNothing("/d");
  }
}
