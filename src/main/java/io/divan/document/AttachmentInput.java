package io.divan.document;

import io.divan.document.attachment.ReceivedContent;
import io.divan.document.revision.Attachment;
import java.util.Optional;
import java.util.OptionalLong;

/** An attachment of an edit. */
public sealed interface AttachmentInput {

  /** The attachment's name. */
  String name();

  /**
   * An attachment that stays as the revision has it that the edit follows.
   *
   * @param revisionPosition its {@code revpos}, if the client sent one; it must be right
   */
  record Stub(String name, OptionalLong revisionPosition) implements AttachmentInput {}

  /**
   * An attachment whose content was received.
   *
   * @param type the content type as sent
   * @param revisionPosition its {@code revpos}, which counts for replicated edits only
   */
  record Received(
      String name, String type, ReceivedContent content, OptionalLong revisionPosition)
      implements AttachmentInput {}

  /**
   * An attachment whose content is in another part of the request. It must be received before the
   * edit is applied.
   *
   * @param type the content type as sent
   * @param length the number of bytes that the part has
   * @param gzip whether these bytes are gzipped
   * @param md5 their MD5, if the client sent it
   */
  record Follows(
      String name,
      String type,
      long length,
      boolean gzip,
      Optional<byte[]> md5,
      OptionalLong revisionPosition)
      implements AttachmentInput {

    /** The attachment with its content. */
    public Received received(ReceivedContent content) {
      return new Received(name, type, content, revisionPosition);
    }
  }

  /** An attachment of another revision in the same database, whose content is stored. */
  record Copied(Attachment attachment) implements AttachmentInput {
    @Override
    public String name() {
      return attachment.name();
    }
  }
}
