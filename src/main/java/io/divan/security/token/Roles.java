package io.divan.security.token;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Roles in one text, separated by commas. */
final class Roles {
  private static final Pattern COMMA = Pattern.compile(",");

  private Roles() {}

  /** The roles in their order, without repetitions and empty ones. */
  static List<String> split(String text) {
    Set<String> roles = new LinkedHashSet<>();
    for (String part : COMMA.split(text)) {
      String role = part.strip();
      if (!role.isEmpty()) {
        roles.add(role);
      }
    }
    return List.copyOf(roles);
  }
}
