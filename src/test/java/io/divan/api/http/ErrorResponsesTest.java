package io.divan.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.configuration.Setting;
import io.divan.storage.StorageException;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

@ExtendWith(OutputCaptureExtension.class)
class ErrorResponsesTest {
  private static final LoginPrompts PROMPTS =
      new LoginPrompts(Setting.of(""), Setting.of("/login"), () -> false);

  @Test
  void handle_storeFull_logsOneLineWithTheFile(CapturedOutput output) throws Exception {
    MockHttpServletResponse response = new MockHttpServletResponse();

    new ErrorResponses(PROMPTS)
        .handle(
            new StorageException.StoreFull(
                "No space is left for places.redb", new IOException("No space left on device")),
            new MockHttpServletRequest("PUT", "/places/paris"),
            response);

    assertThat(response.getStatus()).isEqualTo(507);
    assertThat(response.getContentAsString()).contains("insufficient_storage");
    assertThat(output.getAll().lines().filter(line -> !line.isBlank()))
        .singleElement()
        .asString()
        .contains("No space is left for places.redb");
  }

  @Test
  void handle_fileInTheMessage_isLoggedUnderTheReference(CapturedOutput output) throws Exception {
    String file = "/var/lib/divan/places.redb";
    IOException cause = new IOException(file);
    for (Exception failure : List.of(
        new StorageException.StoreUnavailable(file + " cannot be read", cause),
        new StorageException.StoreUnusable(file + " is newer", "The file is newer"),
        new StorageException.StoreFull("No space is left for " + file, cause),
        new StorageException.StoreCorrupt(file, "page 7", cause),
        new StorageException.SnapshotTooOld(file + " has moved on", cause),
        new IllegalStateException(file))) {
      String id = failure.getClass().getSimpleName();
      MockHttpServletResponse response = new MockHttpServletResponse();
      response.setHeader("X-Couch-Request-ID", id);

      new ErrorResponses(PROMPTS).handle(failure, new MockHttpServletRequest("GET", "/places"),
          response);

      assertThat(response.getContentAsString())
          .doesNotContain(file)
          .contains("(ref " + id + ")");
      assertThat(output.getAll()).contains("(ref " + id + ")").contains(file);
    }
  }

  @Test
  void handle_unusable_saysWhatToDoAndNotToRetry() throws Exception {
    MockHttpServletResponse response = new MockHttpServletResponse();
    response.setHeader("X-Couch-Request-ID", "abc");

    new ErrorResponses(PROMPTS)
        .handle(
            new StorageException.StoreUnusable("/a/b.redb: use 2.0", "Use 2.0"),
            new MockHttpServletRequest("GET", "/b"),
            response);

    assertThat(response.getStatus()).isEqualTo(500);
    assertThat(response.getHeader("Retry-After")).isNull();
    assertThat(response.getContentAsString())
        .isEqualTo("{\"error\":\"storage_unusable\",\"reason\":\"Use 2.0 (ref abc)\"}\n");
  }
}
