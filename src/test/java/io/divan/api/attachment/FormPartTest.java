package io.divan.api.attachment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.api.http.ApiException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FormPartTest {

  private static FormPart part(byte[] headers) throws IOException {
    byte[] before = "------F\r\n".getBytes(StandardCharsets.US_ASCII);
    byte[] after = "\r\n\r\nx\r\n------F--\r\n".getBytes(StandardCharsets.US_ASCII);
    byte[] body = new byte[before.length + headers.length + after.length];
    System.arraycopy(before, 0, body, 0, before.length);
    System.arraycopy(headers, 0, body, before.length, headers.length);
    System.arraycopy(after, 0, body, before.length + headers.length, after.length);
    MultipartReader reader =
        new MultipartReader(new ByteArrayInputStream(body), new Boundary("----F"));
    return FormPart.of(reader.next().orElseThrow());
  }

  private static FormPart part(String headers) throws IOException {
    return part(headers.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void of_field() throws IOException {
    FormPart field = part("Content-Disposition: form-data; name=\"_doc\"");
    assertThat(field.name()).isEqualTo("_doc");
    assertThat(field.fileName()).isEmpty();
    assertThat(field.contentType()).isEmpty();
    assertThat(field.content().readAllBytes()).containsExactly('x');
  }

  @ParameterizedTest
  @CsvSource({
    "a.txt, a.txt",
    "'', ''",
    "a/b/c.txt, a/b/c.txt",
    "日本.txt, 日本.txt",
    "a%20b, a%20b",
    "a;b, a;b",
    "a\\\"b, a\"b",
  })
  void of_file(String sent, String expected) throws IOException {
    FormPart file =
        part(
            "content-disposition: Form-Data; name=\"_attachments\"; filename=\"" + sent + "\"\r\n"
                + "Content-Type: Text/Plain; charset=utf-8");
    assertThat(file.name()).isEqualTo("_attachments");
    assertThat(file.fileName()).contains(expected);
    assertThat(file.contentType()).contains("text/plain");
  }

  @Test
  void of_notUtf8() {
    byte[] headers =
        "Content-Disposition: form-data; name=a; filename=\"\u00E9\""
            .getBytes(StandardCharsets.ISO_8859_1);
    assertThatThrownBy(() -> part(headers))
        .isInstanceOf(ApiException.class)
        .hasMessage("Attachment name is not UTF-8 encoded");
  }

  @Test
  void of_notForm() {
    assertThatThrownBy(() -> part("Content-Type: a/b")).hasMessage("bad part header");
    assertThatThrownBy(() -> part("Content-Disposition: attachment; name=a"))
        .hasMessage("bad part header");
  }
}
