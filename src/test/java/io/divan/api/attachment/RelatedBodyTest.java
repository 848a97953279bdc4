package io.divan.api.attachment;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.api.http.ApiException;
import io.divan.storage.Seeds;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class RelatedBodyTest {
  private static final String JSON_PART = "--abc123\r\nContent-Type: application/json\r\n\r\n{}";
  private static final String SHORTER = "attachment shorter than expected";
  private static final String LONGER = "attachment longer than expected";

  /** How a caller reads an attachment. */
  private enum Reading {
    TO_ITS_END,
    BYTE_BY_BYTE,
    TRANSFER,
    EXACTLY_ITS_LENGTH,
    NOT_AT_ALL
  }

  private static RelatedBody body(String text) {
    return new RelatedBody(
        new ByteArrayInputStream(text.getBytes(ISO_8859_1)), new Boundary("abc123"));
  }

  private static String parts(String... contents) {
    return JSON_PART + "\r\n--abc123\r\n\r\n" + String.join("\r\n--abc123\r\n\r\n", contents)
        + "\r\n--abc123--";
  }

  private static List<String> attachments(Reading reading, String text, long... lengths)
      throws IOException {
    RelatedBody body = body(text);
    assertThat(body.document().readAllBytes()).containsExactly('{', '}');
    List<String> contents = new ArrayList<>();
    for (long length : lengths) {
      contents.add(new String(read(reading, body.attachment(length), length), ISO_8859_1));
    }
    body.end();
    return contents;
  }

  private static byte[] read(Reading reading, InputStream content, long length)
      throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    switch (reading) {
      case TO_ITS_END -> out.write(content.readAllBytes());
      case BYTE_BY_BYTE -> {
        for (int b; (b = content.read()) >= 0;) {
          out.write(b);
        }
      }
      case TRANSFER -> content.transferTo(out);
      case EXACTLY_ITS_LENGTH -> out.write(content.readNBytes((int) length));
      case NOT_AT_ALL -> {}
    }
    return out.toByteArray();
  }

  @ParameterizedTest
  @EnumSource
  void attachment_lengthsRight(Reading reading) throws IOException {
    List<String> expected =
        reading == Reading.NOT_AT_ALL ? List.of("", "", "") : List.of("first", "", "second one");
    assertThat(attachments(reading, parts("first", "", "second one"), 5, 0, 10))
        .isEqualTo(expected);
  }

  @ParameterizedTest
  @EnumSource
  void attachment_lengthsWrong(Reading reading) {
    record Case(String reason, String text, long... lengths) {}

    List<Case> cases =
        List.of(
            new Case(LONGER, parts("first"), 3),
            new Case(LONGER, parts("first"), 0),
            new Case(SHORTER, parts("first"), 9),
            new Case(LONGER, parts("first", "second one"), 9, 10),
            new Case(LONGER, parts("first", "second one"), 3, 10),
            new Case(LONGER, parts("second one", "first"), 5, 10),
            new Case(SHORTER, parts("first", "second one"), 5, 100),
            new Case(SHORTER, parts("first", "second one"), 100, 10),
            new Case(SHORTER, parts("first"), 5, 10),
            new Case(SHORTER, parts("first"), 5, 0));
    for (Case wrong : cases) {
      assertThatThrownBy(() -> attachments(reading, wrong.text(), wrong.lengths()))
          .as("%s", wrong)
          .isInstanceOf(ApiException.class)
          .hasMessage(wrong.reason());
    }
  }

  @Test
  void attachment_headersIgnored() throws IOException {
    String text =
        JSON_PART + "\r\n--abc123\r\nContent-Length: 50\r\nContent-Encoding: gzip\r\n\r\nfirst"
            + "\r\n--abc123--\r\nepilogue";
    assertThat(attachments(Reading.TO_ITS_END, text, 5)).containsExactly("first");
  }

  @Test
  void end_partTooMany() {
    assertThatThrownBy(() -> attachments(Reading.TO_ITS_END, parts("first", "second"), 5))
        .hasMessage("The multipart body has more parts than attachments");
    assertThatThrownBy(() -> attachments(Reading.TO_ITS_END, parts("first")))
        .hasMessage("The multipart body has more parts than attachments");
  }

  @Test
  void end_documentAlone() throws IOException {
    assertThat(attachments(Reading.TO_ITS_END, JSON_PART + "\r\n--abc123--")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "Content-Type: application/json; charset=utf-8, true",
    "CONTENT-TYPE: APPLICATION/JSON, true",
    "Content-Type: text/plain, false",
    "A: b, false",
  })
  void document_type(String header, boolean accepted) throws IOException {
    RelatedBody body = body("--abc123\r\n" + header + "\r\n\r\n{}\r\n--abc123--");
    if (accepted) {
      assertThat(body.document().readAllBytes()).hasSize(2);
    } else {
      assertThatThrownBy(body::document).hasMessage("Content-Type must be application/json");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"--abc123--", "nonsense", ""})
  void document_missing(String text) {
    assertThatThrownBy(() -> body(text).document())
        .isInstanceOf(ApiException.class)
        .hasMessageStartingWith("The multipart body ");
  }

  /** A body that is changed at random is read as something, or refused with status 400 or 415. */
  @Test
  void random_changes() throws IOException {
    long seed = Seeds.seed(20_261_705);
    Random random = new Random(seed);
    byte[] body = parts("first", "", "second one", "--abc12\r\n\r\n").getBytes(ISO_8859_1);
    int refused = 0;
    for (int round = 0; round < 20_000; round++) {
      byte[] changed = change(body, random);
      CutStream stream = new CutStream(changed, at -> 1 + random.nextInt(40));
      RelatedBody related = new RelatedBody(stream, new Boundary("abc123"));
      try {
        related.document().readAllBytes();
        for (int length : new int[] {5, 0, 10, 11}) {
          assertThat(related.attachment(length).readAllBytes())
              .as(Seeds.replay(seed))
              .hasSize(length);
        }
        related.end();
      } catch (ApiException e) {
        refused++;
      }
    }
    assertThat(refused).as(Seeds.replay(seed)).isBetween(1_000, 19_000);
  }

  private static byte[] change(byte[] body, Random random) {
    byte[] changed = body.clone();
    int at = random.nextInt(changed.length);
    switch (random.nextInt(5)) {
      case 0 -> changed[at] = (byte) "\r\n-:".charAt(random.nextInt(4));
      case 1 -> changed[at] = (byte) random.nextInt(256);
      case 2 -> changed = Arrays.copyOf(changed, at);
      case 3 -> System.arraycopy(body, at, changed, 0, changed.length - at);
      default -> {
        int from = random.nextInt(at + 1);
        System.arraycopy(body, from, changed, at, body.length - at);
      }
    }
    return changed;
  }
}
