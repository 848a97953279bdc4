package io.divan.api.attachment;

import io.divan.api.http.ApiException;
import io.divan.api.http.ServedRequest;
import io.divan.document.FoundAttachment;
import io.divan.document.attachment.ContentReader;
import io.divan.document.revision.Content;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Collections;
import java.util.List;
import java.util.zip.GZIPInputStream;

/** Sends an attachment: the whole content or ranges of it, as it is stored or inflated. */
final class AttachmentResponse {
  private static final int BUFFER_BYTES = 64 * 1024;

  private final HttpServletRequest request;
  private final HttpServletResponse response;
  private final CspSettings csp;

  AttachmentResponse(
      HttpServletRequest request, HttpServletResponse response, CspSettings csp) {
    this.request = request;
    this.response = response;
    this.csp = csp;
  }

  void send(FoundAttachment found) throws IOException {
    Content content = found.attachment().content();
    String etag = '"' + content.md5Base64() + '"';
    response.setHeader("ETag", etag);
    if (Negotiation.matches(values("If-None-Match"), etag)) {
      response.setStatus(HttpServletResponse.SC_NOT_MODIFIED);
      return;
    }
    csp.attachments()
        .ifPresent(policy -> response.setHeader("Content-Security-Policy", policy));
    response.setHeader("Cache-Control", "must-revalidate");
    response.setHeader("Accept-Ranges", content.gzip() ? "none" : "bytes");
    if (content.gzip()) {
      sendWhole(found, Negotiation.acceptsGzip(values("Accept-Encoding")));
      return;
    }
    switch (ByteRanges.select(values("Range"), values("If-Range"), etag, content.length())) {
      case ByteRanges.Selection.Whole whole -> sendWhole(found, false);
      case ByteRanges.Selection.Unsatisfiable unsatisfiable -> {
        response.setHeader(
            "Content-Range", ByteRanges.Selection.Unsatisfiable.contentRange(content.length()));
        throw new ApiException(
            416, "requested_range_not_satisfiable", "Requested range not satisfiable");
      }
      case ByteRanges.Selection.Parts(List<ByteRanges.Range> ranges) -> sendRanges(found, ranges);
    }
  }

  private List<String> values(String header) {
    return Collections.list(request.getHeaders(header));
  }

  private boolean isHead() {
    return request.getMethod().equals("HEAD");
  }

  private void sendWhole(FoundAttachment found, boolean gzipAccepted) throws IOException {
    Content content = found.attachment().content();
    boolean inflate = content.gzip() && !gzipAccepted;
    type(found.attachment().type());
    if (content.gzip() && gzipAccepted) {
      response.setHeader("Content-Encoding", "gzip");
    }
    response.setContentLengthLong(inflate ? content.length() : content.storedLength());
    if (isHead()) {
      return;
    }
    try (ContentReader reader = found.content().read(0)) {
      OutputStream out = response.getOutputStream();
      if (inflate) {
        InputStream inflated = new GZIPInputStream(reader, BUFFER_BYTES);
        ServedRequest.send(() -> copy(inflated, out));
      } else {
        ServedRequest.send(() -> reader.transferTo(out));
      }
    }
  }

  private static void copy(InputStream in, OutputStream out) throws IOException {
    byte[] buffer = new byte[BUFFER_BYTES];
    int count = in.read(buffer);
    while (count >= 0) {
      out.write(buffer, 0, count);
      count = in.read(buffer);
    }
  }

  private void type(String type) {
    if (!type.isEmpty()) {
      response.setHeader("Content-Type", HeaderText.sent(HeaderText.contentType(type)));
    }
  }

  private void sendRanges(FoundAttachment found, List<ByteRanges.Range> ranges)
      throws IOException {
    String type = found.attachment().type();
    long length = found.attachment().content().length();
    response.setStatus(HttpServletResponse.SC_PARTIAL_CONTENT);
    OutputStream out = response.getOutputStream();
    if (ranges.size() == 1) {
      ByteRanges.Range range = ranges.getFirst();
      type(type);
      response.setHeader("Content-Range", range.contentRange(length));
      response.setContentLengthLong(range.length());
      if (!isHead()) {
        ServedRequest.send(() -> copy(found, range, out));
      }
      return;
    }
    Boundary boundary = Boundary.random();
    response.setHeader("Content-Type", boundary.contentType("multipart/byteranges"));
    if (isHead()) {
      return;
    }
    MultipartWriter writer = MultipartWriter.begin(out, boundary);
    for (ByteRanges.Range range : ranges) {
      ServedRequest.send(
          () -> writer.range(range, type, length, to -> copy(found, range, to)));
    }
    writer.end();
  }

  private static void copy(FoundAttachment found, ByteRanges.Range range, OutputStream out)
      throws IOException {
    try (ContentReader reader = found.content().read(range.first())) {
      reader.transfer(out, range.length());
    }
  }
}
