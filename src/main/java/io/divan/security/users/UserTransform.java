package io.divan.security.users;

import io.divan.document.DocumentException;
import io.divan.document.DocumentIds;
import io.divan.document.DocumentInput;
import io.divan.document.EditTransform;
import io.divan.document.Principal;
import io.divan.json.JsonBuffer;
import io.divan.json.JsonValue;
import io.divan.security.password.PasswordHash;
import io.divan.security.password.PasswordHasher;
import io.divan.security.password.PasswordRules;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What happens to the documents of {@code _users} before they are stored: other users' documents do
 * not exist for a user who is no administrator, and a password in clear becomes its hash.
 *
 * @param rules what new passwords must look like
 */
record UserTransform(PasswordHasher hasher, PasswordRules rules) implements EditTransform {
  private static final String PASSWORD = "password";
  private static final String SALT = "salt";
  private static final String PRESERVE_SALT = "preserve_salt";

  /** The members that a new password replaces. */
  private static final Set<String> REPLACED =
      Set.of(
          "derived_key",
          "iterations",
          PASSWORD,
          "password_scheme",
          "password_sha",
          PRESERVE_SALT,
          "pbkdf2_prf",
          SALT);

  @Override
  public DocumentInput apply(DocumentInput edit, Principal principal, boolean administrator) {
    String id = edit.requireId();
    // CouchDB lets anonymous clients write local documents; they are for administrators here.
    boolean own =
        principal.name().isEmpty()
            ? !DocumentIds.isLocal(id)
            : principal.name().equals(UserIds.name(id));
    if (!administrator && !own) {
      throw new DocumentException.NotFound("missing");
    }
    if (!(JsonValue.read(edit.body()) instanceof JsonValue.Obj(Map<String, JsonValue> members))) {
      return edit;
    }
    JsonValue given = members.get(PASSWORD);
    if (given == null || given == JsonValue.Literal.NULL) {
      return edit;
    }
    String password =
        given
            .asString()
            .orElseThrow(
                // CouchDB names the value; passwords stay out of answers here.
                () -> new DocumentException.Forbidden("Password value is invalid."));
    rules.check(password);
    return edit.withBody(withHash(members, hash(password, members)));
  }

  /** The hash, with the salt of the document if it asks for that: an upgrade keeps sessions. */
  private PasswordHash hash(String password, Map<String, JsonValue> members) {
    boolean keeps = members.get(PRESERVE_SALT) == JsonValue.Literal.TRUE;
    Optional<String> salt =
        keeps
            ? Optional.ofNullable(members.get(SALT)).flatMap(JsonValue::asString)
            : Optional.empty();
    return salt.map(text -> hasher.hash(password, text)).orElseGet(() -> hasher.hash(password));
  }

  private static byte[] withHash(Map<String, JsonValue> members, PasswordHash hash) {
    Map<String, JsonValue> all = new LinkedHashMap<>();
    all.put("password_scheme", new JsonValue.Str(hash.scheme()));
    all.put("pbkdf2_prf", new JsonValue.Str(hash.prf()));
    all.put(SALT, new JsonValue.Str(hash.salt()));
    all.put("iterations", new JsonValue.Num(Integer.toString(hash.iterations())));
    all.put("derived_key", new JsonValue.Str(hash.key()));
    members.forEach(
        (name, value) -> {
          if (!REPLACED.contains(name)) {
            all.put(name, value);
          }
        });
    JsonBuffer body = new JsonBuffer();
    new JsonValue.Obj(all).appendTo(body);
    return body.toBytes();
  }
}
