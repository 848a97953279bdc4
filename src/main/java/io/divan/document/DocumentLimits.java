package io.divan.document;

import io.divan.configuration.Setting;
import java.nio.charset.StandardCharsets;

/**
 * The limits of the documents that clients write. Documents that were stored under higher limits
 * can still be read and deleted.
 *
 * @param documentBytes the most bytes of a document's canonical JSON, at most {@link
 *     Database#DOCUMENT_BYTES_MAX}
 * @param idBytes the most bytes of an id in UTF-8; {@link Long#MAX_VALUE} for no other limit than
 *     {@link DocumentIds#ENCODED_BYTES_MAX}
 * @param attachmentBytes the most bytes of an attachment's content
 */
public record DocumentLimits(
    Setting<Long> documentBytes, Setting<Long> idBytes, Setting<Long> attachmentBytes) {

  /** The limits of the storage. */
  static final DocumentLimits STORAGE =
      new DocumentLimits(
          Setting.of((long) Database.DOCUMENT_BYTES_MAX),
          Setting.of(Long.MAX_VALUE),
          Setting.of(Long.MAX_VALUE));

  /**
   * Checks the id of a document to write.
   *
   * @return the same id
   * @throws DocumentException.BadRequest when it is not legal or too long
   */
  public String checkId(String id) {
    DocumentIds.check(id);
    long bytesMax = idBytes.get();
    if (id.length() * 3L > bytesMax
        && id.getBytes(StandardCharsets.UTF_8).length > bytesMax) {
      throw DocumentIds.tooLong();
    }
    return id;
  }
}
