package io.divan.document.attachment;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.json.Json;
import io.divan.storage.Seeds;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

class Base64Test {

  private static Optional<byte[]> decode(String text, int piece) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Base64Decoder decoder = new Base64Decoder(out);
    for (int at = 0; at < text.length(); at += piece) {
      decoder.write(text, at, Math.min(piece, text.length() - at));
    }
    return decoder.finish() ? Optional.of(out.toByteArray()) : Optional.empty();
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
    "VGhpcyBpcyBhIGJhc2U2NCBlbmNvZGVkIHRleHQ= | This is a base64 encoded text",
    "'' | ''",
    "'  ' | ''",
    "eA== | x",
    "eR== | y",
    "eHk= | xy",
    "eHl6 | xyz",
    "' e H\tk\r\n = ' | xy",
    "'e A = \n= ' | x",
    "'eHl6 eHl6\neA==\n' | xyzxyzx",
  })
  void decode_base64(String text, String expected) throws IOException {
    for (int piece = 1; piece <= Math.max(1, text.length()); piece++) {
      assertThat(decode(text, piece).map(bytes -> new String(bytes, UTF_8)))
          .as("pieces of %s", piece)
          .contains(expected);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "notBase64Encoded=", "e", "eA", "eA=", "eHk", "eHl6e", "=", "e===", "====", "eHl6=",
    "eA==eA==", "eA== x", "eHk==", "eA=A", "!", "eH!=", "-_-_", "eHl6\u000b", "eHl6\u00e9",
    "eHl6\u4e00\u4e00\u4e00\u4e00",
  })
  void decode_other(String text) throws IOException {
    for (int piece = 1; piece <= text.length(); piece++) {
      assertThat(decode(text, piece)).as("pieces of %s", piece).isEmpty();
    }
  }

  @Test
  void random_decodeAndEncode() throws IOException {
    long seed = Seeds.seed(20_261_704);
    Random random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      byte[] content = new byte[random.nextInt(random.nextBoolean() ? 10 : 150_000)];
      random.nextBytes(content);
      String text = Base64.getEncoder().encodeToString(content);
      assertThat(encode(content, random)).as(Seeds.replay(seed)).isEqualTo(text);
      assertThat(Base64Output.encodedLength(content.length)).isEqualTo(text.length());
      String spaced = random.nextBoolean() ? text : withSpaces(text, random);
      int piece = 1 << random.nextInt(18);
      assertThat(decode(spaced, piece)).as(Seeds.replay(seed)).contains(content);
      if (!text.isEmpty()) {
        int at = random.nextInt(text.length());
        String wrong = text.substring(0, at) + '_' + text.substring(at + 1);
        assertThat(decode(wrong, piece)).as(Seeds.replay(seed)).isEmpty();
        String shorter = text.substring(0, text.length() - 1 - random.nextInt(3));
        assertThat(decode(shorter, piece)).as(Seeds.replay(seed)).isEmpty();
      }
    }
  }

  private static String encode(byte[] content, Random random) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Base64Output base64 = new Base64Output(out);
    int size = 1 << random.nextInt(18);
    for (int at = 0; at < content.length;) {
      int piece = Math.min(1 + random.nextInt(size), content.length - at);
      if (piece == 1) {
        base64.write(content[at]);
      } else {
        base64.write(content, at, piece);
      }
      at += piece;
    }
    base64.finish();
    return out.toString(ISO_8859_1);
  }

  private static String withSpaces(String text, Random random) {
    StringBuilder spaced = new StringBuilder();
    for (char c : text.toCharArray()) {
      if (random.nextInt(10) == 0) {
        spaced.append(" \t\r\n".charAt(random.nextInt(4)));
      }
      spaced.append(c);
    }
    return spaced.toString();
  }

  /** JSON text with escapes, and longer than any string that the parser would hold. */
  @Test
  void decode_fromJson() throws IOException {
    int groups = 4_000_000;
    InputStream data =
        new SequenceInputStream(
            Collections.enumeration(
                List.of(
                    ascii("{\"data\":\"\\r\\n\\u0065A\\u003d=\\/"),
                    ascii("\",\"more\":\"\\u0065Hl6\\n"),
                    letters(4 * groups),
                    ascii("\",\"a\":1}"))));
    try (JsonParser parser = Json.parser(data)) {
      parser.nextToken();
      ContentDigest digest = ContentDigest.ofMd5();
      parser.nextToken();
      parser.nextToken();
      assertThat(decodeText(parser, digest)).as("a slash after the padding").isFalse();
      assertThat(parser.nextName()).isEqualTo("more");
      parser.nextToken();
      assertThat(decodeText(parser, digest)).isTrue();
      assertThat(digest.length()).isEqualTo(3L * groups + 3);
      assertThat(parser.nextName()).isEqualTo("a");
      assertThat(parser.nextToken()).isEqualTo(JsonToken.VALUE_NUMBER_INT);
      assertThat(parser.nextToken()).isEqualTo(JsonToken.END_OBJECT);
      Json.expectEnd(parser);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"a\":\"eHl6", "{\"a\":\"eH\nl6\"}", "{\"a\":\"eHl\\q\"}"})
  void decode_fromMalformedJson(String json) {
    try (JsonParser parser = Json.parser(json.getBytes(UTF_8))) {
      parser.nextToken();
      parser.nextToken();
      parser.nextToken();
      assertThatThrownBy(() -> decodeText(parser, OutputStream.nullOutputStream()))
          .isInstanceOf(JacksonException.class);
    }
  }

  @Test
  void decode_targetFails() {
    OutputStream target =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("full");
          }
        };
    Base64Decoder decoder = new Base64Decoder(target);
    assertThatThrownBy(() -> decoder.write("AAAA".repeat(10_000), 0, 40_000))
        .isInstanceOf(UncheckedIOException.class);
  }

  private static boolean decodeText(JsonParser parser, OutputStream target) throws IOException {
    Base64Decoder decoder = new Base64Decoder(target);
    Json.copyText(parser, decoder);
    return decoder.finish();
  }

  private static InputStream ascii(String text) {
    return new ByteArrayInputStream(text.getBytes(ISO_8859_1));
  }

  private static InputStream letters(int count) {
    return new InputStream() {
      private int rest = count;

      @Override
      public int read() {
        return rest-- > 0 ? 'A' : -1;
      }
    };
  }
}
