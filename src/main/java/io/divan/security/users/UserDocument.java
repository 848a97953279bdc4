package io.divan.security.users;

import io.divan.json.JsonException;
import io.divan.json.JsonValue;
import io.divan.security.password.PasswordHash;
import io.divan.security.password.Totp;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a user document says about logging in. Documents that other versions or tools have written
 * are read leniently: with members that make no sense, a user cannot log in.
 *
 * @param hash the hash of the password; empty where there is none
 * @param totp the second factor; empty where there is none
 * @param conflicted whether the document was read with conflicts
 */
public record UserDocument(
    String name,
    Set<String> roles,
    Optional<PasswordHash> hash,
    Optional<Totp> totp,
    boolean conflicted) {

  private static final int TOTP_DIGITS = 6;
  private static final int ITERATIONS = 10_000;

  /**
   * Reads a document.
   *
   * @return empty where it has no name, or a second factor that cannot be checked
   */
  public static Optional<UserDocument> parse(byte[] json) {
    JsonValue value;
    try {
      value = JsonValue.read(json);
    } catch (JsonException e) {
      return Optional.empty();
    }
    if (!(value instanceof JsonValue.Obj(Map<String, JsonValue> members))) {
      return Optional.empty();
    }
    Optional<String> name = text(members, "name");
    JsonValue totp = members.get("totp");
    Optional<Totp> factor = totp == null ? Optional.empty() : totp(totp);
    if (name.isEmpty() || totp != null && factor.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new UserDocument(
            name.get(), roles(members), hash(members), factor, members.containsKey("_conflicts")));
  }

  private static Set<String> roles(Map<String, JsonValue> members) {
    Set<String> roles = new LinkedHashSet<>();
    if (members.get("roles") instanceof JsonValue.Arr(List<JsonValue> elements)) {
      elements.forEach(element -> element.asString().ifPresent(roles::add));
    }
    roles.remove("_admin"); // no document makes an administrator of the server
    return roles;
  }

  private static Optional<PasswordHash> hash(Map<String, JsonValue> members) {
    String scheme = text(members, "password_scheme").orElse(PasswordHash.SIMPLE);
    boolean simple = scheme.equals(PasswordHash.SIMPLE);
    Optional<String> key = text(members, simple ? "password_sha" : "derived_key");
    String salt = text(members, "salt").orElse("");
    String prf = text(members, "pbkdf2_prf").orElse("sha");
    int iterations = integer(members, "iterations").orElse(ITERATIONS);
    return key.map(
        digits -> new PasswordHash(scheme, prf, salt, simple ? 0 : iterations, digits));
  }

  private static Optional<Totp> totp(JsonValue value) {
    if (!(value instanceof JsonValue.Obj(Map<String, JsonValue> members))) {
      return Optional.empty();
    }
    try {
      return text(members, "key")
          .map(
              key -> Totp.ofBase32(
                  key,
                  text(members, "algorithm").orElse("sha"),
                  integer(members, "length").orElse(TOTP_DIGITS)));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static Optional<String> text(Map<String, JsonValue> members, String name) {
    return Optional.ofNullable(members.get(name)).flatMap(JsonValue::asString);
  }

  private static Optional<Integer> integer(Map<String, JsonValue> members, String name) {
    return members.get(name) instanceof JsonValue.Num(String digits)
        && digits.matches("[0-9]{1,9}")
            ? Optional.of(Integer.valueOf(digits))
            : Optional.empty();
  }
}
