package io.divan.document;

import io.divan.json.Json;
import io.divan.json.JsonBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * A database's security object: any JSON object whose {@code admins} and {@code members} name users
 * and roles. It is stored but not enforced yet. Immutable, provided callers do not modify {@link
 * #json()}.
 */
public final class SecurityObject {

  /** The default: server administrators only. */
  static final SecurityObject DEFAULT =
      new SecurityObject(
          "{\"members\":{\"roles\":[\"_admin\"]},\"admins\":{\"roles\":[\"_admin\"]}}"
              .getBytes(StandardCharsets.UTF_8));

  private final byte[] json;

  SecurityObject(byte[] json) {
    this.json = json;
  }

  /**
   * Parses an object that a client sent.
   *
   * @throws io.divan.json.JsonException when it is not JSON
   * @throws DocumentException.BadRequest when it is not an object, or its names and roles are not
   *     arrays of strings; with CouchDB's reason
   */
  public static SecurityObject parse(byte[] utf8) {
    byte[] canonical;
    try (JsonParser parser = Json.parser(utf8)) {
      if (parser.nextToken() == null) {
        throw new DocumentException.BadRequest("invalid UTF-8 JSON");
      }
      JsonBuffer out = new JsonBuffer();
      Json.copyValue(parser, out);
      Json.expectEnd(parser);
      canonical = out.toBytes();
    } catch (JacksonException e) {
      throw Json.malformed(e);
    }
    try (JsonParser parser = Json.parser(canonical)) {
      check(parser);
    }
    return new SecurityObject(canonical);
  }

  /** Its canonical JSON. */
  public byte[] json() {
    return json;
  }

  private static void check(JsonParser parser) {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      throw new DocumentException.BadRequest("Request body must be a JSON object");
    }
    Optional<String> admins = Optional.empty();
    Optional<String> members = Optional.empty();
    Optional<String> readers = Optional.empty();
    boolean hasMembers = false;
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = Json.name(parser);
      parser.nextToken();
      switch (name) {
        case "admins" -> admins = problem(parser);
        case "members" -> {
          hasMembers = true;
          members = problem(parser);
        }
        case "readers" -> readers = problem(parser); // an old name of members in CouchDB
        default -> Json.skipValue(parser);
      }
    }
    Optional<String> first = admins.isPresent() ? admins : hasMembers ? members : readers;
    if (first.isPresent()) {
      throw new DocumentException.BadRequest(first.get());
    }
  }

  /** The error in the names and roles at the parser's position; empty when there is none. */
  private static Optional<String> problem(JsonParser parser) {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      parser.skipChildren();
      return Optional.of("admins or members must be a JSON list of strings");
    }
    boolean names = true;
    boolean roles = true;
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = Json.name(parser);
      parser.nextToken();
      switch (name) {
        case "names" -> names = isStrings(parser);
        case "roles" -> roles = isStrings(parser);
        default -> Json.skipValue(parser);
      }
    }
    if (names && roles) {
      return Optional.empty();
    }
    return Optional.of((names ? "roles" : "names") + " must be a JSON list of strings");
  }

  private static boolean isStrings(JsonParser parser) {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      parser.skipChildren();
      return false;
    }
    boolean strings = true;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      strings &= parser.currentToken() == JsonToken.VALUE_STRING;
      parser.skipChildren();
    }
    return strings;
  }
}
