package io.divan.api.attachment;

import io.divan.api.http.ApiException;
import io.divan.configuration.Setting;
import io.divan.document.DocumentException;
import io.divan.document.attachment.ContentReceiver;
import io.divan.document.attachment.Incoming;
import io.divan.document.attachment.ReceivedContent;
import io.divan.document.revision.Content;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.Optional;

/** The body of a request that is the content of one attachment. */
final class AttachmentBody {
  private static final String MD5 = "Content-MD5";

  private final HttpServletRequest request;
  private final Setting<Long> bytesMax;

  AttachmentBody(HttpServletRequest request, Setting<Long> bytesMax) {
    this.request = request;
    this.bytesMax = bytesMax;
  }

  /**
   * Receives the content, and checks it by {@code Content-MD5}, in the header or the trailer.
   *
   * @throws ApiException with status 400 if the MD5 is another one
   */
  ReceivedContent receive(
      ContentReceiver receiver, String name, String type, boolean gzipped) throws IOException {
    long stated = request.getContentLengthLong();
    if (stated > bytesMax.get()) {
      throw new DocumentException.AttachmentTooLarge(name);
    }
    try (Incoming incoming = receiver.begin(name, gzipped)) {
      incoming.type(type);
      incoming.receive(request.getInputStream(), stated);
      ReceivedContent content = incoming.finish(type);
      byte[] sent = gzipped ? content.content().md5() : content.content().identityMd5();
      if (md5().filter(wanted -> !isMd5(wanted, sent)).isPresent()) {
        receiver.discard(content);
        throw ApiException.md5Mismatch();
      }
      return content;
    }
  }

  private Optional<String> md5() {
    return Optional.ofNullable(request.getHeader(MD5))
        .or(
            () -> request.isTrailerFieldsReady()
                ? request.getTrailerFields().entrySet().stream()
                    .filter(field -> field.getKey().equalsIgnoreCase(MD5))
                    .map(java.util.Map.Entry::getValue)
                    .findFirst()
                : Optional.empty());
  }

  private static boolean isMd5(String base64, byte[] md5) {
    return Content.parseMd5(base64.strip())
        .filter(wanted -> MessageDigest.isEqual(wanted, md5))
        .isPresent();
  }
}
