package io.divan.api.attachment;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.divan.Http;
import io.divan.HttpAnswer;
import io.divan.Service;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The {@code sizes} of a database in a file, with attachments. */
class AttachmentSizesTest {
  private static final int LARGE = 900_000;

  /** The most bytes of a document without its contents, with all rows of its revisions. */
  private static final int DOCUMENT_MAX = 2_000;

  private final Service service;
  private final Http http;
  private String db = "";

  AttachmentSizesTest(@TempDir Path directory) {
    this.service = Service.start(directory, "--divan.storage.backend=redb");
    this.http = service.http();
  }

  @BeforeEach
  void create() {
    db = http.newDatabase();
  }

  @AfterEach
  void stop() {
    service.close();
  }

  private static byte[] random(long seed) {
    byte[] bytes = new byte[LARGE];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private String put(String target, String type, byte[] content) {
    HttpAnswer stored =
        http.send("PUT", db + target, List.of("Content-Type: " + type), Optional.of(content));
    assertThat(stored.status()).isEqualTo(201);
    return stored.json().get("rev").stringValue();
  }

  private long size(String kind) {
    JsonNode sizes = http.get(db).json().get("sizes");
    return sizes.get(kind).longValue();
  }

  private void expectContents(long bytes) {
    assertThat(size("external")).isBetween(bytes, bytes + DOCUMENT_MAX);
    assertThat(size("active")).isBetween(bytes, bytes + DOCUMENT_MAX);
  }

  @Test
  void sizes_countStoredBytesOfEachAttachment_andTheFileEachContentOnce() {
    put("/a/x", "image/png", random(1));
    expectContents(LARGE);
    long file = size("file");
    assertThat(file).isGreaterThan(LARGE);
    put("/b/x", "image/png", random(1));
    put("/b2/x", "image/png", random(1));
    expectContents(3 * LARGE);
    put("/t/x", "text/plain", "a".repeat(LARGE).getBytes(UTF_8));
    expectContents(3 * LARGE); // stored gzipped
    assertThat(size("file")).isGreaterThanOrEqualTo(file);
    for (int i = 0; i < 4; i++) {
      put("/c" + i + "/x", "image/png", random(2 + i));
    }
    assertThat(size("file")).isGreaterThan(5 * LARGE);
  }

  @Test
  void compact_freesReplacedContents() {
    String[] revisions = new String[4];
    for (int i = 0; i < revisions.length; i++) {
      revisions[i] = put("/d" + i + "/x", "image/png", random(i));
    }
    expectContents(4 * LARGE);
    for (int i = 0; i < revisions.length; i++) {
      put("/d" + i + "/x?rev=" + revisions[i], "image/png", new byte[] {1, 2, 3});
    }
    assertThat(size("external")).isLessThan(DOCUMENT_MAX); // of leaves only
    assertThat(size("active")).isLessThan(DOCUMENT_MAX);
    assertThat(size("file")).isGreaterThan(4 * LARGE);
    assertThat(http.get(db + "/d0/x?rev=" + revisions[0]).bytes()).hasSize(LARGE);
    assertThat(http.post(db + "/_compact", "").status()).isEqualTo(202);
    long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (size("file") > LARGE) {
      assertThat(System.nanoTime()).isLessThan(end);
    }
    assertThat(http.get(db + "/d0/x?rev=" + revisions[0]).status()).isEqualTo(404);
    assertThat(http.get(db + "/d0/x").bytes()).containsExactly(1, 2, 3);
  }
}
