package io.divan.document.rouch;

import io.divan.document.AttachmentInput;
import io.divan.document.attachment.ContentReceiver;
import io.divan.document.attachment.Incoming;
import io.divan.document.attachment.ReceivedContent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Reads the attachments of a RouchDB database. The record of a body names them:
 *
 * <pre>
 * "attachments":{"name":{"content_type":"…","digest":"md5-…","length":5}}
 * </pre>
 *
 * The key of a content is its digest or, up to version 0.4, the document's id, U+0000 and the name.
 * By the latter, a later revision replaces the content of earlier ones.
 */
final class RouchAttachments {

  private static final String MD5_PREFIX = "md5-";

  /** The content type of an attachment whose record has none. */
  private static final String DEFAULT_TYPE = "application/octet-stream";

  /** What a body's record says of an attachment. */
  record Named(String name, String type, String digest) {}

  private RouchAttachments() {}

  /** Reads the member of a body's record. The parser is at the beginning of the object. */
  static List<Named> read(JsonParser json) {
    List<Named> attachments = new ArrayList<>();
    while (json.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = json.currentName();
      if (json.nextToken() == JsonToken.START_OBJECT) {
        attachments.add(one(name, json));
      } else {
        json.skipChildren();
      }
    }
    return attachments;
  }

  private static Named one(String name, JsonParser json) {
    String type = DEFAULT_TYPE;
    String digest = "";
    while (json.nextToken() == JsonToken.PROPERTY_NAME) {
      String member = json.currentName();
      JsonToken value = json.nextToken();
      if (member.equals("content_type") && value == JsonToken.VALUE_STRING) {
        type = json.getString();
      } else if (member.equals("digest") && value == JsonToken.VALUE_STRING) {
        digest = json.getString();
      } else {
        json.skipChildren();
      }
    }
    return new Named(name, type, digest);
  }

  /** Returns the content of an attachment, or empty if the file does not have it. */
  static Optional<byte[]> bytes(RouchImport.Source source, String id, Named attachment) {
    return source
        .attachment(attachment.digest())
        .or(() -> source.attachment(id + '\0' + attachment.name()))
        .filter(
            bytes -> !attachment.digest().startsWith(MD5_PREFIX)
                || digest(bytes).equals(attachment.digest()));
  }

  private static String digest(byte[] bytes) {
    try {
      return MD5_PREFIX
          + Base64.getEncoder().encodeToString(MessageDigest.getInstance("MD5").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Receives a content as the input of an edit. */
  static AttachmentInput receive(
      ContentReceiver receiver, Named attachment, byte[] bytes, long position) {
    try {
      Incoming incoming = receiver.begin(attachment.name(), false);
      incoming.type(attachment.type());
      incoming.write(bytes);
      ReceivedContent content = incoming.finish(attachment.type());
      return new AttachmentInput.Received(
          attachment.name(), attachment.type(), content, OptionalLong.of(position));
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a receiver reads and writes no file
    }
  }
}
