package io.divan.document.rows;

import io.divan.document.revision.Attachment;
import io.divan.document.revision.Content;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Encodes the references from a revision's body to its attachments, in their order:
 *
 * <pre>
 * 1 byte    {@value #LAYOUT}, the layout
 * then for each attachment:
 * varint    length of its name; the name in UTF-8
 * varint    length of its content type; the type in UTF-8
 * varint    position of the revision that stored it
 * 1 byte    1 if the content is stored gzipped, else 0
 * 32 bytes  SHA-256 of the stored content
 * 16 bytes  MD5 of the stored content
 * varint    number of stored bytes
 * gzipped:  16 bytes: MD5 of the content before compression; varint: its number of bytes
 * </pre>
 */
public final class References {

  /** The longest references of a revision, in bytes: with a body's header they fit in a chunk. */
  public static final int BYTES_MAX = 90_000;

  private static final byte LAYOUT = 1;

  private References() {}

  /** Encodes references. Returns no bytes if there are none. */
  public static byte[] encode(List<Attachment> attachments) {
    if (attachments.isEmpty()) {
      return new byte[0];
    }
    ByteWriter out = new ByteWriter().put(LAYOUT);
    for (Attachment attachment : attachments) {
      text(out, attachment.name());
      text(out, attachment.type());
      Content content = attachment.content();
      out.varint(attachment.revisionPosition())
          .put((byte) (content.gzip() ? 1 : 0))
          .put(content.sha256())
          .put(content.md5())
          .varint(content.storedLength());
      if (content.gzip()) {
        out.put(content.identityMd5()).varint(content.length());
      }
    }
    return out.toBytes();
  }

  private static void text(ByteWriter out, String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    out.varint(utf8.length).put(utf8);
  }

  static List<Attachment> decode(byte[] bytes) {
    if (bytes.length == 0) {
      return List.of();
    }
    ByteReader in = new ByteReader(bytes);
    int layout = in.next();
    if (layout != LAYOUT) {
      throw new IllegalStateException("References have the unknown layout " + layout);
    }
    List<Attachment> attachments = new ArrayList<>();
    while (in.remaining() > 0) {
      String name = text(in);
      String type = text(in);
      long position = in.nextVarlong();
      attachments.add(new Attachment(name, type, content(in), position));
    }
    return attachments;
  }

  private static String text(ByteReader in) {
    return new String(in.next(in.nextVarint()), StandardCharsets.UTF_8);
  }

  private static Content content(ByteReader in) {
    boolean gzip = in.next() == 1;
    byte[] sha256 = in.next(Content.SHA256_BYTES);
    byte[] md5 = in.next(Content.MD5_BYTES);
    long stored = in.nextVarlong();
    byte[] identityMd5 = gzip ? in.next(Content.MD5_BYTES) : md5;
    long length = gzip ? in.nextVarlong() : stored;
    return new Content(sha256, md5, identityMd5, stored, length, gzip);
  }
}
