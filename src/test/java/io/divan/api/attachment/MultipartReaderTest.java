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
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MultipartReaderTest {
  private static final Boundary BOUNDARY = new Boundary("abc123");

  private static final String BODY =
      "preamble\r\n--abc123\r\nContent-Type: text/plain\r\nX-Two:  b \r\n\r\nfirst\r\n--abc12\r\n-"
          + "\r\n--abc123\r\n\r\n\r\n--abc123\r\nA:1\r\n\r\n\r\n\r\n\r\n--abc123--\r\nepilogue";

  private static MultipartReader reader(String body) {
    return new MultipartReader(new ByteArrayInputStream(body.getBytes(ISO_8859_1)), BOUNDARY);
  }

  /** Reads all parts. Each text has the headers, a bar and the content. */
  private static List<String> parts(InputStream body) throws IOException {
    MultipartReader reader = new MultipartReader(body, BOUNDARY);
    List<String> parts = new ArrayList<>();
    for (Optional<MultipartReader.Part> part; (part = reader.next()).isPresent();) {
      StringBuilder text = new StringBuilder();
      part.get().headers().forEach(h -> text.append(h.name()).append('=').append(h.value()));
      text.append('|').append(new String(part.get().content().readAllBytes(), ISO_8859_1));
      parts.add(text.toString());
    }
    return parts;
  }

  @Test
  void next_cutAnywhere() throws IOException {
    byte[] body = BODY.getBytes(ISO_8859_1);
    List<String> expected =
        List.of("Content-Type=text/plainX-Two=b|first\r\n--abc12\r\n-", "|", "A=1|\r\n\r\n");
    for (int cut = 0; cut <= body.length; cut++) {
      assertThat(parts(CutStream.at(body, cut))).as("cut at %s", cut).isEqualTo(expected);
    }
    for (int size = 1; size < 80; size++) {
      int piece = size;
      assertThat(parts(new CutStream(body, at -> piece))).as("in %s", size).isEqualTo(expected);
    }
  }

  @Test
  void next_endsEarly() {
    byte[] body = BODY.getBytes(ISO_8859_1);
    int end = BODY.indexOf("--\r\nepilogue") + 2;
    for (int length = 0; length < end; length++) {
      byte[] cutOff = BODY.substring(0, length).getBytes(ISO_8859_1);
      assertThatThrownBy(() -> parts(new ByteArrayInputStream(cutOff)))
          .as("%s of %s bytes", length, body.length)
          .isInstanceOf(ApiException.class)
          .hasMessageMatching("The multipart body .*|bad part header");
    }
  }

  @Test
  void next_leavesPartUnread() throws IOException {
    MultipartReader reader = reader(BODY);
    InputStream first = reader.next().orElseThrow().content();
    assertThat(first.read()).isEqualTo('f');
    assertThat(reader.next().orElseThrow().headers()).isEmpty();
    assertThat(reader.next().orElseThrow().header("a")).contains("1");
    assertThat(reader.next()).isEmpty();
    assertThat(reader.next()).isEmpty();
    assertThatThrownBy(first::read).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void content_atItsEnd() throws IOException {
    InputStream content = reader("--abc123\r\n\r\nx\r\n--abc123--").next().orElseThrow().content();
    assertThat(content.readAllBytes()).containsExactly('x');
    assertThat(content.read()).isEqualTo(-1);
    assertThat(content.read(new byte[4])).isEqualTo(-1);
    assertThat(content.read(new byte[4], 0, 0)).isZero();
    assertThat(content.transferTo(new ByteArrayOutputStream())).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "--abc123  \r\n\r\nx\r\n--abc123--",
    "--abc123x\r\n\r\nx\r\n--abc123--",
    "--abc123\r\nnonsense\r\n\r\nx\r\n--abc123--",
    "--abc123\r\n: x\r\n\r\nx\r\n--abc123--",
    "--abc123\r\nA: 1\r\n folded: 2\r\n\r\nx\r\n--abc123--",
    "--abc123\r\nfirst\r\n--abc123\r\n\r\nx\r\n--abc123--",
  })
  void next_badHeaders(String body) {
    assertThatThrownBy(() -> reader(body).next())
        .isInstanceOf(ApiException.class)
        .hasMessage("bad part header");
  }

  @ParameterizedTest
  @CsvSource({"64,true", "65,false"})
  void next_manyHeaders(int count, boolean accepted) throws IOException {
    MultipartReader reader = reader("--abc123\r\n" + "A:1\r\n".repeat(count)
        + "\r\n\r\n--abc123--");
    if (accepted) {
      assertThat(reader.next().orElseThrow().headers()).hasSize(count);
    } else {
      assertThatThrownBy(reader::next).hasMessage("bad part header");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {16_385, 100_000})
  void next_longHeaders(int length) {
    String header = "A:" + "x".repeat(length - 4);
    assertThatThrownBy(() -> reader("--abc123\r\n" + header + "\r\n\r\n\r\n--abc123--").next())
        .hasMessage("bad part header");
    assertThatThrownBy(() -> reader("--abc123\r\n" + header).next())
        .isInstanceOf(ApiException.class);
  }

  @Test
  void next_longestHeaders() throws IOException {
    String header = "A:" + "x".repeat(16 * 1024 - 4);
    assertThat(reader("--abc123\r\n" + header + "\r\n\r\n\r\n--abc123--").next()).isPresent();
  }

  @ParameterizedTest
  @CsvSource({"65536,true", "65537,false"})
  void next_preamble(int length, boolean accepted) throws IOException {
    MultipartReader reader = reader("x".repeat(length) + "--abc123\r\n\r\nx\r\n--abc123--");
    if (accepted) {
      assertThat(reader.next()).isPresent();
    } else {
      assertThatThrownBy(reader::next)
          .hasMessage("The multipart body does not begin with its boundary");
    }
  }

  @Test
  void next_noParts() throws IOException {
    assertThat(reader("--abc123--").next()).isEmpty();
    assertThatThrownBy(() -> reader("").next())
        .hasMessage("The multipart body does not contain its boundary");
    assertThatThrownBy(() -> reader("--abc123\n\nx\n--abc123--").next())
        .hasMessage("bad part header");
  }

  @Test
  void end_longEpilogue() throws IOException {
    byte[] body = ("--abc123--" + "x".repeat(1_000_000)).getBytes(ISO_8859_1);
    CutStream stream = new CutStream(body, at -> 8_000);
    MultipartReader reader = new MultipartReader(stream, BOUNDARY);
    assertThat(reader.next()).isEmpty();
    reader.end();
    assertThat(stream.position()).isBetween(65_536, 80_000);
  }

  @Test
  void random_parts() throws IOException {
    long seed = Seeds.seed(20_261_701);
    Random random = new Random(seed);
    for (int round = 0; round < 400; round++) {
      Boundary boundary = new Boundary("-a".repeat(1 + random.nextInt(20)));
      List<byte[]> contents = new ArrayList<>();
      ByteArrayOutputStream body = new ByteArrayOutputStream();
      body.write(boundary.delimiter());
      for (int parts = random.nextInt(5); parts > 0; parts--) {
        byte[] content = content(random, boundary);
        contents.add(content);
        body.write("\r\n\r\n".getBytes(ISO_8859_1));
        body.write(content);
        body.write("\r\n".getBytes(ISO_8859_1));
        body.write(boundary.delimiter());
      }
      body.write("--".getBytes(ISO_8859_1));
      int size = 1 << random.nextInt(18);
      CutStream stream = new CutStream(body.toByteArray(), at -> 1 + random.nextInt(size));
      MultipartReader reader = new MultipartReader(stream, boundary);
      for (byte[] content : contents) {
        InputStream part = reader.next().orElseThrow().content();
        assertThat(read(part, random)).as(Seeds.replay(seed)).isEqualTo(content);
      }
      assertThat(reader.next()).as(Seeds.replay(seed)).isEmpty();
    }
  }

  /** Content that is full of beginnings of the delimiter, and does not contain it. */
  private static byte[] content(Random random, Boundary boundary) {
    String line = "\r\n--" + boundary.text();
    StringBuilder text = new StringBuilder();
    int length = random.nextInt(random.nextBoolean() ? 100 : 200_000);
    while (text.length() < length) {
      text.append(line, 0, random.nextInt(line.length()));
      text.append((char) ('b' + random.nextInt(3)));
    }
    return text.toString().getBytes(ISO_8859_1);
  }

  private static byte[] read(InputStream part, Random random) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] buffer = new byte[1 << random.nextInt(17)];
    while (true) {
      switch (random.nextInt(50)) {
        case 0 -> {
          part.transferTo(out);
          return out.toByteArray();
        }
        case 1 -> {
          int b = part.read();
          if (b < 0) {
            return out.toByteArray();
          }
          out.write(b);
        }
        default -> {
          int count = part.read(buffer);
          if (count < 0) {
            return out.toByteArray();
          }
          out.write(buffer, 0, count);
        }
      }
    }
  }
}
