package io.divan.document;

import io.divan.document.attachment.ContentReceiver;
import io.divan.document.revision.Revision;
import io.divan.json.Json;
import io.divan.json.JsonBuffer;
import io.divan.json.JsonException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Reads documents from JSON. Checks the members that begin with an underscore, with CouchDB's error
 * reasons, and converts the others to canonical form. For one thread; reuses its buffer.
 */
public final class DocumentParser {

  /** Members that are ignored, because a client may send back a document as it read it. */
  private static final Set<String> IGNORED =
      Set.of("_revs_info", "_local_seq", "_conflicts", "_deleted_conflicts");

  /** Members that belong to the body although they begin with an underscore. */
  private static final Set<String> KEPT =
      Set.of(
          "_replication_id",
          "_replication_owner",
          "_replication_state",
          "_replication_state_time",
          "_replication_state_reason",
          "_replication_stats",
          "_access");

  private final JsonBuffer body = new JsonBuffer();
  private final JsonBuffer skipped = new JsonBuffer();

  private final DocumentLimits limits;
  private final String knownId;
  private final AttachmentParser attachmentParser;
  private Optional<String> id = Optional.empty();
  private Optional<Revision> revision = Optional.empty();
  private Optional<List<Revision>> path = Optional.empty();
  private boolean deleted;
  private List<AttachmentInput> attachments = List.of();
  private boolean pathStorable;

  /** Reads documents whose ids are in their bodies, up to the limits of the storage. */
  public DocumentParser() {
    this(DocumentLimits.STORAGE);
  }

  /** Reads documents whose ids are in their bodies. */
  public DocumentParser(DocumentLimits limits) {
    this(limits, "");
  }

  /**
   * Reads a document whose id is known.
   *
   * @param knownId its id, as errors name it
   */
  public DocumentParser(DocumentLimits limits, String knownId) {
    this(limits, knownId, ContentReceiver.checking(limits.attachmentBytes()::get), false);
  }

  /**
   * Reads documents with attachments.
   *
   * @param knownId the id of the only document, as errors name it; empty where ids are in the
   *     bodies
   * @param receiver receives the contents of attachments
   * @param multipart whether contents may follow in other parts of the request, as {@link
   *     AttachmentInput.Follows}
   */
  public DocumentParser(
      DocumentLimits limits, String knownId, ContentReceiver receiver, boolean multipart) {
    this.limits = limits;
    this.knownId = knownId;
    this.attachmentParser =
        new AttachmentParser(receiver, limits.attachmentBytes().get(), multipart);
  }

  /**
   * Reads JSON that is one document.
   *
   * @throws DocumentException when it is not a legal document
   */
  public DocumentInput parse(byte[] utf8) {
    try (JsonParser parser = Json.parser(utf8)) {
      parser.nextToken();
      DocumentInput input = parse(parser);
      Json.expectEnd(parser);
      return input;
    } catch (JacksonException e) {
      throw DocumentException.of(Json.malformed(e), knownId);
    } catch (JsonException e) {
      throw DocumentException.of(e, knownId);
    }
  }

  /**
   * Reads the document at the parser's current token, and leaves the parser at its end.
   *
   * @throws DocumentException when it is not a legal document
   * @throws JacksonException when it is not JSON
   */
  public DocumentInput parse(JsonParser parser) {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      if (parser.currentToken() == null) {
        throw new DocumentException.BadRequest("invalid UTF-8 JSON");
      }
      parser.skipChildren();
      throw new DocumentException.BadRequest("Document must be a JSON object");
    }
    try {
      return members(parser);
    } catch (JsonException e) {
      throw DocumentException.of(e, id.orElse(knownId));
    }
  }

  private DocumentInput members(JsonParser parser) {
    body.clear();
    id = Optional.empty();
    revision = Optional.empty();
    path = Optional.empty();
    deleted = false;
    attachments = List.of();
    pathStorable = true;
    long bytesMax = limits.documentBytes().get();
    Json.Members members = new Json.Members(body);
    members.begin();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      parser.nextToken();
      if (name.isEmpty() || name.charAt(0) != '_' || KEPT.contains(name)) {
        members.name(name);
        Json.copyValue(parser, body, 2);
        members.valueEnds();
      } else {
        special(name, parser);
      }
      if (body.length() >= bytesMax) { // before its closing brace
        throw new DocumentException.TooLarge(id.orElse(knownId));
      }
    }
    members.end();
    if (DocumentIds.isLocal(id.orElse(knownId))) {
      path = Optional.empty(); // local documents have no history
    } else if (!pathStorable) {
      throw invalidRevision();
    }
    return new DocumentInput(id, revision, path, deleted, attachments, body.toBytes());
  }

  private void special(String name, JsonParser parser) {
    JsonToken token = parser.currentToken();
    switch (name) {
      case "_id" -> {
        if (token != JsonToken.VALUE_STRING) {
          throw DocumentIds.illegal("Document id must be a string");
        }
        id = Optional.of(limits.checkId(Json.text(parser)));
      }
      case "_rev" ->
          revision =
              Optional.of(
                  Optional.of(parser)
                      .filter(p -> token == JsonToken.VALUE_STRING)
                      .flatMap(p -> Revision.parse(p.getString()))
                      .orElseThrow(DocumentParser::invalidRevision));
      case "_deleted" -> {
        if (!token.isBoolean()) {
          throw badMember(name);
        }
        deleted = token == JsonToken.VALUE_TRUE;
      }
      case "_revisions" -> {
        if (token != JsonToken.START_OBJECT) {
          throw badMember(name);
        }
        revisions(parser);
      }
      case "_attachments" -> {
        if (token != JsonToken.START_OBJECT) {
          throw badMember(name);
        }
        attachments = attachmentParser.parse(parser, id.orElse(knownId));
      }
      default -> {
        if (!IGNORED.contains(name)) {
          throw badMember(name);
        }
        skipped.clear();
        Json.copyValue(parser, skipped, 2); // checks that it is well-formed
      }
    }
  }

  private void revisions(JsonParser parser) {
    Optional<Long> start = Optional.empty();
    Optional<List<byte[]>> ids = Optional.empty();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = Json.name(parser);
      JsonToken token = parser.nextToken();
      if (name.equals("start") && token == JsonToken.VALUE_NUMBER_INT) {
        start = Optional.of(position(parser.getString()));
      } else if (name.equals("ids") && token == JsonToken.START_ARRAY) {
        ids = Optional.of(revisionIds(parser));
      } else {
        Json.skipValue(parser);
      }
    }
    long newest =
        start.orElseThrow(() -> validation("_revisions.start isn't an integer."));
    List<byte[]> known = ids.orElseThrow(() -> validation("_revisions.ids isn't a array."));
    if (known.isEmpty()) {
      path = Optional.empty();
      return;
    }
    // CouchDB drops the ids beyond position 1 of a list that is longer than its start.
    int kept = (int) Math.max(0, Math.min(known.size(), newest));
    List<Revision> revisions = new ArrayList<>(kept);
    for (int i = 0; i < kept; i++) {
      revisions.add(new Revision(newest - i, known.get(i)));
    }
    pathStorable = newest >= 1 && revisions.stream().allMatch(Revision::isStorable);
    path = Optional.of(revisions);
  }

  private static long position(String digits) {
    if (digits.length() > 15) {
      throw validation("_revisions.start is too large.");
    }
    return Long.parseLong(digits);
  }

  private static List<byte[]> revisionIds(JsonParser parser) {
    List<byte[]> ids = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.currentToken() != JsonToken.VALUE_STRING) {
        throw validation("RevId isn't a string");
      }
      ids.add(
          Revision.parseId(parser.getString())
              .orElseThrow(DocumentParser::invalidRevision));
    }
    return ids;
  }

  static DocumentException invalidRevision() {
    return new DocumentException.BadRequest("Invalid rev format");
  }

  private static DocumentException badMember(String name) {
    return validation("Bad special document member: " + name);
  }

  private static DocumentException validation(String reason) {
    return new DocumentException.BadRequest("doc_validation", reason);
  }
}
