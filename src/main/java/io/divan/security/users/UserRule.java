package io.divan.security.users;

import io.divan.document.DocumentException;
import io.divan.document.DocumentIds;
import io.divan.document.DocumentVersion;
import io.divan.document.EditRule;
import io.divan.document.Principal;
import io.divan.document.ProposedEdit;
import io.divan.document.SecurityObject;
import io.divan.json.JsonValue;
import io.divan.json.JsonValue.Arr;
import io.divan.json.JsonValue.Literal;
import io.divan.json.JsonValue.Num;
import io.divan.json.JsonValue.Obj;
import io.divan.json.JsonValue.Str;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The rules for user documents: CouchDB's validation function of {@code _users/_design/_auth}, with
 * its order and its reasons. Where the function would fail with an error of JavaScript, such as for
 * a name that is a number, this refuses the document with the nearest reason.
 *
 * @param security the security object of {@code _users}
 */
record UserRule(SecurityObject security) implements EditRule {
  private static final Set<String> SCHEMES = Set.of("simple", "pbkdf2", "simple+pbkdf2");
  private static final Set<String> MEMBERS =
      Set.of(
          "type",
          "name",
          "roles",
          "password_sha",
          "salt",
          "password_scheme",
          "iterations",
          "derived_key");

  @Override
  public void check(ProposedEdit edit) {
    if (DocumentIds.isDesign(edit.id())) {
      return; // the access policy decides on them
    }
    Optional<Map<String, JsonValue>> old = edit.old().map(UserRule::read);
    if (edit.document().deleted()) {
      checkDeletion(edit.principal(), old);
      return;
    }
    Map<String, JsonValue> document = read(edit.document().body());
    List<JsonValue> roles = checkForm(edit.id(), document);
    if (old.isPresent() && !value(document, "name").equals(value(old.get(), "name"))) {
      throw forbidden("Usernames can not be changed.");
    }
    checkPassword(document);
    if (!security.isAdmin(edit.principal())) {
      checkPermission(edit.principal(), document, roles, old);
    }
    checkNames(((Str) value(document, "name")).text(), roles);
    if (!security.isAdmin(edit.principal())) {
      checkNew(edit);
    }
  }

  private static Map<String, JsonValue> read(DocumentVersion version) {
    return read(version.body());
  }

  private static Map<String, JsonValue> read(byte[] body) {
    return ((Obj) JsonValue.read(body, MEMBERS::contains)).members();
  }

  /** Returns a member; null, which is falsy like a missing member, where there is none. */
  private static JsonValue value(Map<String, JsonValue> document, String name) {
    return document.getOrDefault(name, Literal.NULL);
  }

  private static void checkDeletion(
      Principal principal, Optional<Map<String, JsonValue>> old) {
    boolean own =
        principal.name().isPresent()
            && old.map(document -> value(document, "name"))
                .equals(principal.name().map(Str::new));
    if (!own && !principal.isServerAdmin()) {
      throw forbidden("Only admins may delete other user docs.");
    }
  }

  /** Checks type, name, roles and id. Returns the roles. */
  private static List<JsonValue> checkForm(String id, Map<String, JsonValue> document) {
    if (!value(document, "type").equals(new Str("user"))) {
      throw forbidden("doc.type must be user");
    }
    if (isFalsy(value(document, "name"))) {
      throw forbidden("doc.name is required");
    }
    JsonValue roles = value(document, "roles");
    if (isFalsy(roles)) {
      throw forbidden("doc.roles must exist");
    }
    if (!(roles instanceof Arr(List<JsonValue> elements))) {
      throw forbidden("doc.roles must be an array");
    }
    if (!elements.stream().allMatch(Str.class::isInstance)) {
      throw forbidden("doc.roles can only contain strings");
    }
    if (!(value(document, "name") instanceof Str(String name)) || !id.equals(UserIds.of(name))) {
      throw forbidden("Doc ID must be of the form org.couchdb.user:name");
    }
    return elements;
  }

  private static void checkPassword(Map<String, JsonValue> document) {
    if (!isFalsy(value(document, "password_sha")) && isFalsy(value(document, "salt"))) {
      throw forbidden(
          "Users with password_sha must have a salt."
              + "See /_utils/script/couch.js for example code.");
    }
    JsonValue scheme = value(document, "password_scheme");
    if (!isFalsy(scheme) && scheme.asString().filter(SCHEMES::contains).isEmpty()) {
      throw forbidden(
          "Password scheme `" + scheme.asString().orElseGet(scheme::toJson) + "` not supported.");
    }
    if (scheme.equals(new Str("pbkdf2"))) {
      if (!(value(document, "iterations") instanceof Num)) {
        throw forbidden("iterations must be a number.");
      }
      if (!(value(document, "derived_key") instanceof Str)) {
        throw forbidden("derived_key must be a string.");
      }
    }
  }

  /**
   * Checks that somebody who signs up begins a document. CouchDB lets anonymous requests with
   * {@code new_edits=false} add a conflicting revision, with another password, to any document.
   */
  private static void checkNew(ProposedEdit edit) {
    boolean follows =
        edit.document().revision().isPresent() || edit.document().path().isPresent();
    if (edit.principal().name().isEmpty() && edit.old().isEmpty() && follows) {
      throw forbidden("You may only update your own user document.");
    }
  }

  /** Checks an edit of a principal who does not administer {@code _users}. */
  private static void checkPermission(
      Principal principal,
      Map<String, JsonValue> document,
      List<JsonValue> roles,
      Optional<Map<String, JsonValue>> old) {
    if (old.isEmpty()) {
      if (!roles.isEmpty()) {
        throw forbidden("Only _admin may set roles");
      }
      return;
    }
    if (!principal.name().map(Str::new).equals(Optional.of(value(document, "name")))) {
      throw forbidden("You may only update your own user document.");
    }
    JsonValue before = value(old.get(), "roles");
    List<JsonValue> oldRoles =
        before instanceof Arr(List<JsonValue> elements) ? elements : List.of();
    boolean readable = before instanceof Arr || isFalsy(before);
    if (!readable || !counts(oldRoles).equals(counts(roles))) {
      throw forbidden("Only _admin may edit roles");
    }
  }

  /** The values of a list, each with how often it occurs. */
  private static Map<JsonValue, Integer> counts(List<JsonValue> values) {
    Map<JsonValue, Integer> counts = new HashMap<>();
    values.forEach(each -> counts.merge(each, 1, Integer::sum));
    return counts;
  }

  private static void checkNames(String name, List<JsonValue> roles) {
    for (JsonValue role : roles) {
      String text = role.asString().orElseThrow();
      if (text.startsWith("_") && !text.equals("_metrics")) {
        throw forbidden("No system roles (starting with underscore) in users db.");
      }
    }
    if (name.startsWith("_")) {
      throw forbidden("Username may not start with underscore.");
    }
    if (name.indexOf(':') >= 0) {
      throw forbidden("Character `:` is not allowed in usernames.");
    }
  }

  /** Whether JavaScript takes a value for false. */
  private static boolean isFalsy(JsonValue value) {
    return switch (value) {
      case Literal literal -> literal != Literal.TRUE;
      case Str(String text) -> text.isEmpty();
      case Num(String text) -> Double.parseDouble(text) == 0;
      case Arr array -> false;
      case Obj object -> false;
    };
  }

  private static DocumentException forbidden(String reason) {
    return new DocumentException.Forbidden(reason);
  }
}
