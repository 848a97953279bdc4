package io.divan.document;

import io.divan.document.attachment.ContentException;
import io.divan.document.attachment.ContentReceiver;
import io.divan.document.attachment.Incoming;
import io.divan.document.revision.Content;
import io.divan.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Reads the member {@code _attachments} of documents, as CouchDB does. {@code stub} counts before
 * {@code follows}, and that before {@code data}; any of the first two only as {@code true}. Content
 * in {@code data} goes to a {@link ContentReceiver} while it is parsed. For one thread.
 */
final class AttachmentParser {
  private static final String MD5 = "md5-";

  static final String DEFAULT_TYPE = "application/octet-stream";

  private final ContentReceiver receiver;
  private final long bytesMax;

  /** Whether contents may follow the document, in other parts of the request. */
  private final boolean multipart;

  AttachmentParser(ContentReceiver receiver, long bytesMax, boolean multipart) {
    this.receiver = receiver;
    this.bytesMax = bytesMax;
    this.multipart = multipart;
  }

  /** The members of one attachment. */
  private static final class Members {
    final String name;
    String type = DEFAULT_TYPE;
    boolean stub;
    boolean follows;
    boolean gzip;
    Optional<byte[]> md5 = Optional.empty();

    /** What is wrong with members that do not count beside data. */
    String fault = "";

    OptionalLong length = OptionalLong.empty();
    OptionalLong encodedLength = OptionalLong.empty();
    OptionalLong revisionPosition = OptionalLong.empty();
    Optional<Incoming> data = Optional.empty();

    Members(String name) {
      this.name = name;
    }
  }

  /**
   * Reads the object at the parser's current token.
   *
   * @param id the document, as errors name it
   * @throws DocumentException when it is invalid
   */
  List<AttachmentInput> parse(JsonParser parser, String id) {
    receiver.nextDocument();
    Map<String, AttachmentInput> attachments = new LinkedHashMap<>();
    int count = 0;
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      if (++count > AttachmentNames.COUNT_MAX) {
        throw new DocumentException.TooLarge(id);
      }
      String name = AttachmentNames.check(Json.name(parser));
      if (parser.nextToken() == JsonToken.START_OBJECT) {
        attachments.put(name, attachment(name, parser));
      } else {
        Json.skipValue(parser); // as in CouchDB
      }
    }
    return List.copyOf(attachments.values());
  }

  private AttachmentInput attachment(String name, JsonParser parser) {
    Members members = new Members(name);
    try {
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        member(members, Json.name(parser), parser);
      }
      return input(members);
    } catch (ContentException e) {
      throw DocumentException.of(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void member(Members members, String member, JsonParser parser) throws IOException {
    JsonToken token = parser.nextToken();
    switch (member) {
      case "content_type" -> {
        members.type = type(members, text(members, member, parser));
        if (members.data.isPresent()) {
          members.data.get().type(members.type);
        }
      }
      case "stub" -> members.stub = isTrue(parser);
      case "follows" -> members.follows = isTrue(parser);
      case "data" -> members.data = Optional.of(data(members, parser));
      case "revpos" ->
          members.revisionPosition =
              OptionalLong.of(
                  token == JsonToken.VALUE_NUMBER_INT ? number(parser) : other(parser));
      case "length" -> members.length = length(parser);
      case "encoded_length" -> members.encodedLength = length(parser);
      case "encoding" -> encoding(members, optionalText(parser));
      case "digest" -> digest(members, optionalText(parser));
      default -> Json.skipValue(parser);
    }
  }

  private static boolean isTrue(JsonParser parser) {
    boolean isTrue = parser.currentToken() == JsonToken.VALUE_TRUE;
    Json.skipValue(parser);
    return isTrue;
  }

  private static long number(JsonParser parser) {
    String digits = parser.getString();
    return digits.length() > 15 ? Long.MIN_VALUE : Long.parseLong(digits);
  }

  /** Skips a value that is not the number it should be. */
  private static long other(JsonParser parser) {
    Json.skipValue(parser);
    return Long.MIN_VALUE;
  }

  private static String text(Members members, String member, JsonParser parser) {
    if (parser.currentToken() != JsonToken.VALUE_STRING) {
      throw invalid(members, "\"" + member + "\" is not a string");
    }
    return Json.text(parser);
  }

  private static String type(Members members, String type) {
    if (type.chars().anyMatch(c -> c < ' ' && c != '\t' || c == 0x7F)) {
      throw invalid(members, "its content type contains a control character");
    }
    return type;
  }

  private static OptionalLong length(JsonParser parser) {
    if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT) {
      return OptionalLong.of(other(parser)); // an error only where it is needed
    }
    return OptionalLong.of(number(parser));
  }

  /** Reads a value; empty unless it is a string. */
  private static String optionalText(JsonParser parser) {
    if (parser.currentToken() == JsonToken.VALUE_STRING) {
      return Json.text(parser);
    }
    Json.skipValue(parser);
    return "";
  }

  private static void encoding(Members members, String encoding) {
    members.gzip = encoding.equals("gzip");
    if (!members.gzip && !encoding.equals("identity")) {
      members.fault = "its encoding is neither gzip nor identity";
    }
  }

  private static void digest(Members members, String digest) {
    if (!digest.startsWith(MD5)) {
      return; // as in CouchDB
    }
    members.md5 = Content.parseMd5(digest.substring(MD5.length()));
    if (members.md5.isEmpty()) {
      members.fault = "its digest is not an MD5";
    }
  }

  private static DocumentException invalid(Members members, String reason) {
    return new DocumentException.BadRequest(
        "Invalid attachment " + members.name + ": " + reason);
  }

  private Incoming data(Members members, JsonParser parser) throws IOException {
    if (parser.currentToken() != JsonToken.VALUE_STRING) {
      throw invalidData(members.name);
    }
    members.data.ifPresent(Incoming::close);
    Incoming incoming = receiver.begin(members.name, false);
    if (!members.type.equals(DEFAULT_TYPE)) {
      incoming.type(members.type);
    }
    if (!incoming.receiveBase64(parser)) {
      throw invalidData(members.name);
    }
    return incoming;
  }

  private static DocumentException invalidData(String name) {
    return new DocumentException.BadRequest("Invalid attachment data for " + name);
  }

  private AttachmentInput input(Members members) throws IOException {
    if (!members.fault.isEmpty() && (members.stub || members.follows)) {
      throw invalid(members, members.fault);
    }
    if (members.stub) {
      members.data.ifPresent(Incoming::close);
      if (members.length.orElse(0) > bytesMax) {
        throw new DocumentException.AttachmentTooLarge(members.name);
      }
      return new AttachmentInput.Stub(members.name, members.revisionPosition);
    }
    OptionalLong position = members.revisionPosition;
    if (position.isPresent() && position.getAsLong() < 0) {
      position = OptionalLong.of(0);
    }
    if (members.follows) {
      members.data.ifPresent(Incoming::close);
      return follows(members, position);
    }
    return new AttachmentInput.Received(
        members.name,
        members.type,
        members.data.orElseThrow(() -> invalidData(members.name)).finish(members.type),
        position);
  }

  private AttachmentInput follows(Members members, OptionalLong position) {
    if (!multipart) {
      throw invalid(members, "its content follows in no part of the request");
    }
    OptionalLong length =
        members.gzip && members.encodedLength.isPresent() ? members.encodedLength : members.length;
    if (length.isEmpty() || length.getAsLong() < 0) {
      throw invalid(members, "its length is not a number");
    }
    if (length.getAsLong() > bytesMax) {
      throw new DocumentException.AttachmentTooLarge(members.name);
    }
    return new AttachmentInput.Follows(
        members.name,
        members.type,
        length.getAsLong(),
        members.gzip,
        members.md5,
        position);
  }
}
