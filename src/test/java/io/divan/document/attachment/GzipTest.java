package io.divan.document.attachment;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.storage.Seeds;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GzipTest {
  private static final String TEXT = "This is a base64 encoded text";

  private static byte[] gzip(byte[] content, int level) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GzipOutput gzip = new GzipOutput(out, level)) {
      gzip.write(content);
      gzip.finish();
    }
    return out.toByteArray();
  }

  private static byte[] gunzip(byte[] gzip) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GunzipOutput gunzip = new GunzipOutput(out)) {
      gunzip.write(gzip);
      gunzip.finish();
    }
    return out.toByteArray();
  }

  private static byte[] joined(byte[]... arrays) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] array : arrays) {
      out.writeBytes(array);
    }
    return out.toByteArray();
  }

  /** The digests that CouchDB 3.5.2 answers, and that PouchDB's tests accept. */
  @ParameterizedTest
  @CsvSource({
    "This is a base64 encoded text, 47, qUUYqS41RhwF0TrCsTAxFg==",
    "'', 20, cCkGbCesb17xjWYNV0GXmg==",
    "x, 21, BQ12Y6Pl9vOURwmqG1HaIA==",
  })
  void digest_asCouch(String content, int length, String digest) throws IOException {
    ContentDigest computed = ContentDigest.ofMd5();
    computed.write(gzip(content.getBytes(UTF_8), 8));
    assertThat(computed.length()).isEqualTo(length);
    assertThat(computed.md5()).asBase64Encoded().isEqualTo(digest);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1f8b0800000000000403", "2, 1f8b0800000000000003", "8, 1f8b0800000000000003",
    "9, 1f8b0800000000000203",
  })
  void header_ofZlib(int level, String header) throws IOException {
    byte[] gzip = gzip(TEXT.getBytes(UTF_8), level);
    assertThat(HexFormat.of().formatHex(gzip, 0, 10)).isEqualTo(header);
    assertThat(new GZIPInputStream(new ByteArrayInputStream(gzip)).readAllBytes())
        .isEqualTo(TEXT.getBytes(UTF_8));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 10, -1})
  void level_invalid(int level) {
    assertThatThrownBy(() -> new GzipOutput(new ByteArrayOutputStream(), level))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void random_sameBytesForAllCuts() throws IOException {
    long seed = Seeds.seed(20_261_703);
    Random random = new Random(seed);
    for (int round = 0; round < 60; round++) {
      byte[] content = content(random);
      int level = 1 + random.nextInt(9);
      byte[] whole = gzip(content, level);
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      try (GzipOutput gzip = new GzipOutput(out, level)) {
        inPieces(content, gzip, random);
        gzip.finish();
        gzip.finish();
      }
      assertThat(out.toByteArray()).as(Seeds.replay(seed)).isEqualTo(whole);

      ContentDigest digest = ContentDigest.ofMd5();
      try (GunzipOutput gunzip = new GunzipOutput(digest)) {
        inPieces(joined(whole, whole), gunzip, random);
        gunzip.finish();
      }
      ContentDigest expected = ContentDigest.ofMd5();
      expected.write(joined(content, content));
      assertThat(digest.length()).as(Seeds.replay(seed)).isEqualTo(2L * content.length);
      assertThat(digest.md5()).as(Seeds.replay(seed)).isEqualTo(expected.md5());
    }
  }

  private static byte[] content(Random random) {
    byte[] content = new byte[random.nextInt(random.nextBoolean() ? 100 : 300_000)];
    int values = 1 + random.nextInt(256);
    for (int i = 0; i < content.length; i++) {
      content[i] = (byte) random.nextInt(values);
    }
    return content;
  }

  private static void inPieces(byte[] bytes, OutputStream out, Random random) throws IOException {
    int size = 1 << random.nextInt(18);
    for (int at = 0; at < bytes.length;) {
      int piece = Math.min(1 + random.nextInt(size), bytes.length - at);
      if (piece == 1) {
        out.write(bytes[at]);
      } else {
        out.write(bytes, at, piece);
      }
      if (random.nextInt(20) == 0) {
        out.flush();
      }
      at += piece;
    }
  }

  /** Every field that a header may have, with its checksum. */
  private static byte[] fullHeader() {
    byte[] header =
        joined(
            new byte[] {0x1F, (byte) 0x8B, 8, 0x1F, 1, 2, 3, 4, 0, 3},
            new byte[] {3, 0, 'x', 0, 'z'},
            "name\0comment\0".getBytes(UTF_8));
    CRC32 checksum = new CRC32();
    checksum.update(header);
    int value = (int) checksum.getValue();
    return joined(header, new byte[] {(byte) value, (byte) (value >> 8)});
  }

  @Test
  void gunzip_fullHeader() throws IOException {
    byte[] plain = gzip(TEXT.getBytes(UTF_8), 8);
    byte[] full = joined(fullHeader(), Arrays.copyOfRange(plain, 10, plain.length));
    assertThat(gunzip(full)).isEqualTo(TEXT.getBytes(UTF_8));
    assertThat(gunzip(joined(full, plain))).hasSize(2 * TEXT.length());
    for (int cut = 0; cut < full.length; cut++) {
      byte[] cutOff = Arrays.copyOf(full, cut);
      assertThatThrownBy(() -> gunzip(cutOff))
          .as("cut at %s", cut)
          .isInstanceOf(ZipException.class)
          .hasMessage("The gzip content is cut off");
    }
    for (int changed = 0; changed < full.length; changed++) {
      byte[] wrong = full.clone();
      wrong[changed] ^= 0x11;
      assertThatThrownBy(() -> gunzip(wrong)).as("byte %s", changed)
          .isInstanceOf(ZipException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "not gzip at all", "\u001f", "PK"})
  void gunzip_notGzip(String content) {
    assertThatThrownBy(() -> gunzip(content.getBytes(UTF_8))).isInstanceOf(ZipException.class);
  }

  @Test
  void gunzip_bytesAfterTheEnd() throws IOException {
    byte[] gzip = joined(gzip(TEXT.getBytes(UTF_8), 8), new byte[1]);
    assertThatThrownBy(() -> gunzip(gzip))
        .isInstanceOf(ZipException.class)
        .hasMessage("The content is not gzip");
  }

  /** 200 MB of zeros pass through a target that sees pieces only. */
  @Test
  void gunzip_bomb() throws IOException {
    ByteArrayOutputStream bomb = new ByteArrayOutputStream();
    byte[] zeros = new byte[1 << 20];
    try (GzipOutput gzip = new GzipOutput(bomb, 1)) {
      for (int i = 0; i < 200; i++) {
        gzip.write(zeros);
      }
      gzip.finish();
    }
    long[] longest = new long[2];
    OutputStream target =
        new OutputStream() {
          @Override
          public void write(int b) {
            throw new AssertionError("single bytes");
          }

          @Override
          public void write(byte[] bytes, int offset, int count) {
            longest[0] = Math.max(longest[0], count);
            longest[1] += count;
          }
        };
    try (GunzipOutput gunzip = new GunzipOutput(target)) {
      gunzip.write(bomb.toByteArray());
      gunzip.finish();
    }
    assertThat(longest[0]).isLessThanOrEqualTo(64 * 1024);
    assertThat(longest[1]).isEqualTo(200L << 20);
  }
}
