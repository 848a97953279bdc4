package io.divan.api.attachment;

import io.divan.api.http.ApiException;
import io.divan.json.Utf8;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * A part of a {@code multipart/form-data} body.
 *
 * @param name the name of the field
 * @param fileName the name of the file, if the part is one; may be empty. Browsers send it as raw
 *     UTF-8, and it is not percent-decoded.
 * @param contentType the type of the file without parameters, if it has one: CouchDB drops them
 * @param content the value of the field, or the content of the file
 */
public record FormPart(
    String name, Optional<String> fileName, Optional<String> contentType, InputStream content) {
  public static final String TYPE = "multipart/form-data";

  /**
   * Reads the headers of a part.
   *
   * @throws ApiException with status 400 if it is not a part of a form, or its file name is not
   *     UTF-8
   */
  public static FormPart of(MultipartReader.Part part) {
    HeaderValue disposition =
        HeaderValue.parse(part.header("Content-Disposition").orElseThrow(
            MultipartReader::badHeader));
    if (!disposition.value().equals("form-data")) {
      throw MultipartReader.badHeader();
    }
    return new FormPart(
        text(disposition.parameter("name").orElse("")),
        disposition.parameter("filename").map(FormPart::text),
        part.header("Content-Type").map(type -> HeaderValue.parse(type).value()),
        part.content());
  }

  private static String text(String latin1) {
    try {
      return Utf8.decode(latin1.getBytes(StandardCharsets.ISO_8859_1));
    } catch (IllegalArgumentException e) {
      throw ApiException.badRequest("Attachment name is not UTF-8 encoded");
    }
  }
}
