package io.divan.api.attachment;

import io.divan.api.http.ApiException;
import io.divan.api.http.Percent;
import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.List;

/** The name of an attachment in the path of a request. */
final class AttachmentPath {
  private static final String DESIGN = "_design";

  private AttachmentPath() {}

  /**
   * Returns the name. Slashes divide it before it is decoded, and empty segments do not count, as
   * in CouchDB.
   *
   * @throws ApiException with status 400 if it is not UTF-8, or badly encoded
   */
  static String name(HttpServletRequest request) {
    List<String> segments = new ArrayList<>();
    for (String segment : request.getRequestURI().split("/")) {
      if (!segment.isEmpty()) {
        segments.add(segment);
      }
    }
    int before = segments.get(1).equals(DESIGN) ? 3 : 2;
    List<String> names = new ArrayList<>();
    for (String segment : segments.subList(before, segments.size())) {
      names.add(
          Percent.text(Percent.decode(segment))
              .orElseThrow(
                  () -> ApiException.badRequest("Attachment name is not UTF-8 encoded")));
    }
    return String.join("/", names);
  }
}
