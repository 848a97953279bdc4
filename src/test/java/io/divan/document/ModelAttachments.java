package io.divan.document;

import io.divan.document.attachment.ContentReceiver;
import io.divan.document.revision.Attachment;
import io.divan.document.revision.Content;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The attachments of {@link ModelProgram}: few contents, so that revisions often share them. */
final class ModelAttachments {

  /** The lengths of the contents that an edit of a small batch may bring. */
  private static final int[] SMALL = {0, 5, 2_000};

  /** Others, around the sizes at which content is stored in another way. */
  private static final int[] LARGE = {63_999, 64_000, 64_001, 96_000, 96_001, 200_000};

  private static final List<byte[]> BYTES =
      IntStream.concat(IntStream.of(SMALL), IntStream.of(LARGE))
          .mapToObj(length -> TestAttachments.bytes(length, length))
          .toList();

  private static final List<Content> CONTENTS =
      BYTES.stream().map(ModelAttachments::content).toList();

  static final int SMALL_COUNT = SMALL.length;
  static final int COUNT = SMALL.length + LARGE.length;

  /**
   * An attachment of an edit.
   *
   * @param content the number of its content, or -1 for a stub
   * @param revisionPosition its {@code revpos}, if it is not that of the revision
   */
  record Sent(String name, int content, OptionalLong revisionPosition) {
    Sent(String name, int content) {
      this(name, content, OptionalLong.empty());
    }

    /** The bytes that are in memory until the edit is stored. */
    int bytesInMemory() {
      return content >= 0 ? BYTES.get(content).length : 0;
    }

    AttachmentInput input(ContentReceiver receiver, long position) {
      return switch (content) {
        case -1 -> new AttachmentInput.Stub(name, OptionalLong.empty());
        default -> {
          AttachmentInput.Received received =
              (AttachmentInput.Received) TestAttachments.received(receiver, name, "t/" + name, BYTES
                  .get(content));
          yield new AttachmentInput.Received(
              name, received.type(), received.content(),
              OptionalLong.of(revisionPosition.orElse(position)));
        }
      };
    }

    /** The attachment that it makes, of a revision at a position after one with these. */
    Attachment attachment(List<Attachment> before, long position) {
      return content >= 0
          ? new Attachment(name, "t/" + name, CONTENTS.get(content),
              revisionPosition.orElse(position))
          : before.stream().filter(one -> one.name().equals(name)).findFirst().orElseThrow();
    }
  }

  private ModelAttachments() {}

  /** An attachment as a replicated edit sends it. */
  static Sent sent(Attachment attachment) {
    return new Sent(
        attachment.name(),
        CONTENTS.indexOf(attachment.content()),
        OptionalLong.of(attachment.revisionPosition()));
  }

  private static Content content(byte[] bytes) {
    byte[] md5 = digest("MD5", bytes);
    return new Content(
        digest("SHA-256", bytes), md5, md5, bytes.length, bytes.length, false);
  }

  private static byte[] digest(String algorithm, byte[] bytes) {
    try {
      return MessageDigest.getInstance(algorithm).digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The bytes of a content. */
  static byte[] bytes(Content content) {
    return BYTES.get(CONTENTS.indexOf(content));
  }

  /** The member {@code _attachments} after others, or nothing. */
  static String json(List<Attachment> attachments) {
    return attachments.isEmpty()
        ? ""
        : attachments.stream()
            .map(
                one -> ModelDocument.quote(one.name()) + ":{\"content_type\":"
                    + ModelDocument.quote(one.type()) + ",\"revpos\":" + one.revisionPosition()
                    + ",\"digest\":\"" + one.content().digest() + "\",\"length\":"
                    + one.content().length() + ",\"stub\":true}")
            .collect(Collectors.joining(",", ",\"_attachments\":{", "}"));
  }
}
