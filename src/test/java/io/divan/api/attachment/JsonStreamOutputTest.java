package io.divan.api.attachment;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.divan.api.http.JsonStream;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockHttpServletResponse;

class JsonStreamOutputTest {

  @Test
  void write_passesOnAndSends() throws IOException {
    MockHttpServletResponse response = new MockHttpServletResponse();
    JsonStream stream = new JsonStream(response, 200);
    JsonStreamOutput out = new JsonStreamOutput(stream);
    stream.buffer().raw("{\"data\":\"");
    out.write("xABCx".getBytes(US_ASCII), 1, 3);
    out.write('D');
    assertThat(response.getContentAsByteArray()).isEmpty();
    byte[] buffer = "E".repeat(64 * 1024).getBytes(US_ASCII);
    out.write(buffer);
    assertThat(response.getContentAsByteArray()).hasSize(64 * 1024 + 13);
    stream.buffer().raw("\"}");
    stream.end();
    assertThat(response.getContentAsString())
        .isEqualTo("{\"data\":\"ABCD" + "E".repeat(64 * 1024) + "\"}");
  }
}
