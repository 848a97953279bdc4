package io.divan.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.storage.StorageException;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

@ExtendWith(OutputCaptureExtension.class)
class ErrorAnswersTest {

  @Test
  void handle_storeFull_logsOneLineThatNamesTheFile(CapturedOutput output) throws Exception {
    MockHttpServletResponse response = new MockHttpServletResponse();

    new ErrorAnswers()
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
}
