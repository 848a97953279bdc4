package io.divan.api.attachment;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.storage.Seeds;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MultipartWriterTest {
  private static final Boundary BOUNDARY = new Boundary("B");
  private static final Boundary INNER = new Boundary("I");
  private static final byte[] JSON = "{}".getBytes(UTF_8);

  private static RelatedDocument.Attachment attachment(
      String name, String type, Optional<String> encoding, String content) {
    byte[] bytes = content.getBytes(UTF_8);
    return new RelatedDocument.Attachment(
        name, type, encoding, bytes.length, out -> out.write(bytes));
  }

  private static RelatedDocument document(RelatedDocument.Attachment... attachments) {
    return new RelatedDocument(JSON, List.of(attachments), INNER);
  }

  private static RelatedDocument.Attachment small() {
    return attachment("a", "a/b", Optional.empty(), "x");
  }

  private static String written(RelatedDocument document) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    document.writeTo(out);
    assertThat(document.length()).isEqualTo(out.size());
    return out.toString(UTF_8);
  }

  @Test
  void related_framing() throws IOException {
    RelatedDocument document =
        document(
            attachment("foo/bar.txt", "text/plain", Optional.of("gzip"), "xyz"),
            attachment("日本", "", Optional.empty(), ""));
    assertThat(document.contentType()).isEqualTo("multipart/related; boundary=\"I\"");
    assertThat(written(document))
        .isEqualTo(
            "--I\r\nContent-Type: application/json\r\n\r\n{}\r\n--I"
                + "\r\nContent-Disposition: attachment; filename=\"foo/bar.txt\""
                + "\r\nContent-Type: text/plain\r\nContent-Length: 3"
                + "\r\nContent-Encoding: gzip\r\n\r\nxyz\r\n--I"
                + "\r\nContent-Disposition: attachment; filename=\"日本\""
                + "\r\nContent-Type: \r\nContent-Length: 0\r\n\r\n\r\n--I--");
  }

  /** The length that CouchDB 3.5.2 states for this document. */
  @Test
  void related_lengthOfCouch() throws IOException {
    String json =
        "{\"_id\":\"n0\",\"_rev\":\"1-" + "0".repeat(32) + "\",\"_attachments\":{\"foo/bar.txt\":"
            + "{\"content_type\":\"application/octet-stream\",\"revpos\":1,"
            + "\"digest\":\"md5-ndTkYSaMgDT1yFZOFVxnpg==\",\"length\":1,\"follows\":true}}}";
    RelatedDocument document =
        new RelatedDocument(
            json.getBytes(UTF_8),
            List.of(attachment("foo/bar.txt", "application/octet-stream", Optional.empty(), "x")),
            Boundary.random());
    assertThat(document.length()).isEqualTo(473);
    written(document);
  }

  @Test
  void related_nothingToSend() throws IOException {
    assertThat(written(document())).isEqualTo("{}");
    assertThat(document().contentType()).isEqualTo("application/json");
  }

  @Test
  void related_hostileNames() throws IOException {
    assertThat(written(document(attachment("a\"\r\nB: c", "x/y\r\nD: e", Optional.empty(), "x"))))
        .contains("filename=\"a%22%0D%0AB: c\"\r\nContent-Type: application/octet-stream\r\n");
  }

  @Test
  void related_contentOfAnotherLength() {
    for (int length : new int[] {2, 4}) {
      RelatedDocument wrong =
          document(
              new RelatedDocument.Attachment(
                  "a", "a/b", Optional.empty(), length, out -> out.write(new byte[3])));
      assertThatThrownBy(() -> wrong.writeTo(new ByteArrayOutputStream()))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void openRevisions_framing() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    MultipartWriter writer = MultipartWriter.begin(out, BOUNDARY);
    writer.document(document());
    writer.document(document(small()));
    writer.error("{\"missing\":\"1-a\"}".getBytes(UTF_8));
    writer.end();
    assertThat(out.toString(UTF_8))
        .isEqualTo(
            "--B\r\nContent-Type: application/json\r\n\r\n{}\r\n--B"
                + "\r\nContent-Type: multipart/related; boundary=\"I\"\r\n\r\n"
                + written(document(small()))
                + "\r\n--B\r\nContent-Type: application/json; error=\"true\"\r\n\r\n"
                + "{\"missing\":\"1-a\"}\r\n--B--");
  }

  @Test
  void bulkGet_framing() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    MultipartWriter writer = MultipartWriter.beginBulkGet(out, BOUNDARY);
    writer.document(document(), "plain", "1-a");
    writer.document(document(small()), "a\"\r\n", "2-b");
    writer.error(JSON);
    writer.end();
    assertThat(out.toString(UTF_8))
        .isEqualTo(
            "\r\n--B\r\nContent-Type: application/json\r\n\r\n{}"
                + "\r\n--B\r\nX-Doc-Id: a\"%0D%0A\r\nX-Rev-Id: 2-b"
                + "\r\nContent-Type: multipart/related; boundary=I\r\n\r\n"
                + written(document(small()))
                + "\r\n--B\r\nContent-Type: application/json; error=\"true\"\r\n\r\n{}"
                + "\r\n--B--\r\n");
  }

  @Test
  void bulkGet_nothing() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    MultipartWriter.beginBulkGet(out, BOUNDARY).end();
    assertThat(out.size()).isZero();
  }

  @Test
  void ranges_framing() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    MultipartWriter writer = MultipartWriter.begin(out, BOUNDARY);
    byte[] content = "This is".getBytes(UTF_8);
    for (ByteRanges.Range range : List.of(new ByteRanges.Range(0, 1), new ByteRanges.Range(3, 4))) {
      writer.range(
          range,
          "a/b",
          29,
          to -> to.write(content, (int) range.first(), (int) range.length()));
    }
    writer.end();
    assertThat(out.toString(UTF_8))
        .isEqualTo(
            "--B\r\nContent-Type: a/b\r\nContent-Range: bytes 0-1/29\r\n\r\nTh\r\n--B"
                + "\r\nContent-Type: a/b\r\nContent-Range: bytes 3-4/29\r\n\r\ns \r\n--B--");
  }

  @Test
  void related_readBack() throws IOException {
    long seed = Seeds.seed(20_261_702);
    Random random = new Random(seed);
    for (int round = 0; round < 100; round++) {
      List<byte[]> contents = new ArrayList<>();
      List<RelatedDocument.Attachment> attachments = new ArrayList<>();
      for (int i = 1 + random.nextInt(4); i > 0; i--) {
        byte[] content = new byte[random.nextInt(100_000)];
        random.nextBytes(content);
        contents.add(content);
        attachments.add(
            new RelatedDocument.Attachment(
                "a\"" + i, "a/b", Optional.empty(), content.length, out -> out.write(content)));
      }
      RelatedDocument document = new RelatedDocument(JSON, attachments, Boundary.random());
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      document.writeTo(out);
      RelatedBody body =
          new RelatedBody(new ByteArrayInputStream(out.toByteArray()), document.boundary());
      assertThat(body.document().readAllBytes()).as(Seeds.replay(seed)).isEqualTo(JSON);
      for (byte[] content : contents) {
        assertThat(body.attachment(content.length).readAllBytes())
            .as(Seeds.replay(seed))
            .isEqualTo(content);
      }
      body.end();
    }
  }
}
