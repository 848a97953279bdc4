package io.divan.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.Http;
import io.divan.HttpAnswer;
import io.divan.Service;
import io.divan.SharedService;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files that browsers send by a form. */
@ExtendWith(SharedService.class)
class FormUploadTest {
  private static final String TYPE = "Content-Type: multipart/form-data; boundary=----b";

  private final Service service;
  private final Http http;
  private String db = "";

  FormUploadTest(Service service) {
    this.service = service;
    this.http = service.http();
  }

  @BeforeEach
  void createDatabase() {
    db = http.newDatabase();
  }

  private static String field(String name, String value) {
    return "------b\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n"
        + value + "\r\n";
  }

  private static String file(String name, String type, String content) {
    return "------b\r\nContent-Disposition: form-data; name=\"_attachments\"; filename=\""
        + name + "\"\r\nContent-Type: " + type + "\r\n\r\n" + content + "\r\n";
  }

  private HttpAnswer send(String target, List<String> headers, String... fields) {
    List<String> all = new ArrayList<>(headers);
    if (headers.stream().noneMatch(header -> header.startsWith("Content-Type"))) {
      all.add(TYPE);
    }
    String body = String.join("", fields) + "------b--\r\n";
    return http.send(
        "POST", db + target, all, Optional.of(body.getBytes(StandardCharsets.UTF_8)));
  }

  private HttpAnswer send(String target, String... fields) {
    return send(target, List.of("Referer: " + http.url() + "/page"), fields);
  }

  private static String reason(HttpAnswer answer) {
    return answer.json().get("reason").stringValue();
  }

  private void expectNothing() {
    assertThat(http.get(db + "/d").status()).isEqualTo(404);
    assertThat(new StoredContents(service, db).rows()).isZero();
  }

  @Test
  void post_documentAndFiles_areStored() {
    HttpAnswer saved =
        send(
            "/d",
            file("日本.txt", "text/plain; charset=utf-8", "one"),
            field("_doc", "{\"x\":1,\"_attachments\":{\"a/b\":{\"data\":\"eA==\"}}}"),
            field("other", "ignored"),
            file("a/b", "image/png", "x".repeat(100_000)));

    assertThat(saved.status()).as(saved.text()).isEqualTo(201);
    assertThat(saved.header("ETag")).contains('"' + saved.json().get("rev").stringValue() + '"');
    assertThat(saved.header("Location")).isEmpty();
    assertThat(http.get(db + "/d").json().get("x").intValue()).isEqualTo(1);
    HttpAnswer text = http.get(db + "/d/%E6%97%A5%E6%9C%AC.txt");
    assertThat(text.text()).isEqualTo("one");
    assertThat(text.header("Content-Type")).contains("text/plain");
    assertThat(http.get(db + "/d/a/b").text()).isEqualTo("x".repeat(100_000));
  }

  @Test
  void post_revision_addsFilesToIt() {
    HttpAnswer first =
        send("/d", field("_doc", "{\"x\":1}"), file("a", "image/png", "one"),
            file("b", "image/png", "two"));
    String revision = first.json().get("rev").stringValue();

    HttpAnswer second = send("/d", field("_rev", revision), file("b", "image/gif", "three"));

    assertThat(second.status()).as(second.text()).isEqualTo(201);
    assertThat(http.get(db + "/d").json().get("x").intValue()).isEqualTo(1);
    assertThat(http.get(db + "/d/a").text()).isEqualTo("one");
    assertThat(http.get(db + "/d/b").text()).isEqualTo("three");
    assertThat(send("/d", field("_rev", revision), file("c", "image/gif", "x")).status())
        .isEqualTo(409);
    assertThat(send("/d", field("_rev", "9-a"), file("c", "image/gif", "x")).status())
        .isEqualTo(409);
    assertThat(send("/d", field("_doc", "{}"), file("c", "image/gif", "x")).status())
        .isEqualTo(409);
  }

  @Test
  void post_fileWithoutTypeOrName_isIgnored() {
    HttpAnswer saved =
        send(
            "/d",
            field("_doc", "{}"),
            field("_attachments", "x"),
            "------b\r\nContent-Disposition: form-data; name=\"_attachments\"; filename=\"n\""
                + "\r\n\r\nx\r\n");

    assertThat(saved.status()).isEqualTo(201);
    assertThat(http.get(db + "/d").json().has("_attachments")).isFalse();
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
    "''| Referer header required.",
    "nonsense| Referer header must match host.",
    "http://other.example/page| Referer header must match host.",
    "http://127.0.0.1/page| Referer header must match host."
  })
  void post_fromAnotherPage_isRefused(String referer, String reason) {
    List<String> headers = referer.isEmpty() ? List.of() : List.of("Referer: " + referer);

    HttpAnswer answer =
        send("/d", headers, field("_doc", "{}"), file("a", "image/png", "x"));

    assertThat(answer.status()).isEqualTo(400);
    assertThat(reason(answer)).isEqualTo(reason);
    expectNothing();
  }

  @ParameterizedTest
  @CsvSource({
    "application/json", "application/x-www-form-urlencoded", "multipart/related; boundary=----b"
  })
  void post_otherType_isRefused(String type) {
    HttpAnswer answer =
        send(
            "/d",
            List.of("Referer: " + http.url() + "/", "Content-Type: " + type),
            field("_doc", "{}"));

    assertThat(answer.status()).isEqualTo(415);
    assertThat(reason(answer)).isEqualTo("Content-Type must be multipart/form-data");
  }

  @Test
  void post_malformedForm_isRefusedAndLeavesNothing() {
    String large = file("a", "image/png", "x".repeat(200_000));
    expectRefused("Duplicate attachments", field("_doc", "{}"), large, large);
    expectRefused("The form has neither _doc nor _rev", large);
    expectRefused("Invalid rev format", large, field("_rev", "abc"));
    expectRefused("invalid UTF-8 JSON", large, field("_doc", "{"));
    expectRefused(
        "Attachment name '_x' starts with prohibited character '_'",
        large,
        file("_x", "image/png", "x"));
    expectRefused("bad part header", large, "------b\r\nX\r\n\r\n");
    HttpAnswer cut =
        http.send(
            "POST",
            db + "/d",
            List.of(TYPE, "Referer: " + http.url() + "/"),
            Optional.of((field("_doc", "{}") + large).getBytes(StandardCharsets.UTF_8)));
    assertThat(cut.status()).isEqualTo(400);
    expectNothing();
  }

  private void expectRefused(String reason, String... fields) {
    HttpAnswer answer = send("/d", fields);
    assertThat(answer.status()).as(reason).isEqualTo(400);
    assertThat(reason(answer)).isEqualTo(reason);
    expectNothing();
  }
}
