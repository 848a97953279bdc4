package io.divan.security.token;

import io.divan.document.DocumentException;
import io.divan.json.JsonValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads the roles of a token's claims, by a path or by a name. */
final class RolesClaim {
  private static final Pattern DOT = Pattern.compile("(?<!\\\\)\\.");

  private RolesClaim() {}

  /** The roles of the claim with a name; none without such a claim. */
  static List<String> byName(JsonValue.Obj claims, String name) {
    return Optional.ofNullable(claims.members().get(name)).map(RolesClaim::roles).orElse(List.of());
  }

  /**
   * The roles at a path, whose steps are separated by dots; {@code \.} is a dot in a step.
   *
   * @throws DocumentException.NotFound when there is nothing at the path
   */
  static List<String> byPath(JsonValue.Obj claims, String path) {
    JsonValue value = claims;
    for (String part : DOT.split(path, -1)) {
      String step = part.replace("\\.", ".");
      if (!(value instanceof JsonValue.Obj object)) {
        throw new DocumentException.NotFound("json_mismatch");
      }
      value = object.members().get(step);
      if (value == null) {
        throw new DocumentException.NotFound("missing json key: " + step);
      }
    }
    return roles(value);
  }

  private static List<String> roles(JsonValue value) {
    return switch (value) {
      case JsonValue.Str text -> Roles.split(text.text());
      case JsonValue.Arr array -> {
        List<String> roles = new ArrayList<>();
        for (JsonValue element : array.elements()) {
          roles.add(
              element
                  .asString()
                  .orElseThrow(() -> new DocumentException.BadRequest("Malformed token")));
        }
        yield roles;
      }
      default -> throw new DocumentException.BadRequest("Malformed token");
    };
  }
}
