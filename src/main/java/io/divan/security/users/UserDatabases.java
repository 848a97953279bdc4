package io.divan.security.users;

import io.divan.document.Database;
import io.divan.document.Databases;
import io.divan.document.Principal;
import io.divan.document.SecurityObject;
import io.divan.json.JsonBuffer;
import io.divan.json.JsonValue;
import io.divan.json.JsonValue.Arr;
import io.divan.json.JsonValue.Obj;
import io.divan.json.JsonValue.Str;
import io.divan.storage.StorageException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The databases of single users. Every operation may be repeated: it does nothing if the database
 * is already as it should be.
 */
final class UserDatabases {
  private static final int UNAMBIGUOUS_BYTES_FROM = 0x10;
  private static final List<String> GROUPS = List.of("admins", "members");

  private final Databases databases;

  UserDatabases(Databases databases) {
    this.databases = databases;
  }

  /**
   * The name of a user's database: the prefix and the bytes of the user's name in hexadecimal, as
   * CouchDB writes them. CouchDB writes bytes below 16 with one digit, so a name with such control
   * characters could claim the database of another user.
   *
   * @return empty for a name with such characters
   */
  static Optional<String> nameOf(String prefix, String user) {
    StringBuilder name = new StringBuilder(prefix);
    for (byte each : user.getBytes(StandardCharsets.UTF_8)) {
      int value = Byte.toUnsignedInt(each);
      if (value < UNAMBIGUOUS_BYTES_FROM) {
        return Optional.empty();
      }
      name.append(Integer.toHexString(value));
    }
    return Optional.of(name.toString());
  }

  /**
   * Creates a database if it does not exist, and makes a user its administrator and member.
   *
   * @throws StorageException.LimitExceeded if the name is too long
   */
  void create(String database, String user) {
    try {
      databases.open(database, Principal.SERVER_ADMIN);
    } catch (StorageException.DatabaseNotFound missing) {
      try {
        databases.create(database);
      } catch (StorageException.DatabaseExists e) {
        // Another request created it meanwhile.
      }
    }
    change(database, names -> with(names, user));
  }

  /** Removes a user from the administrators and members of a database, if that exists. */
  void removeUser(String database, String user) {
    try {
      change(
          database,
          names -> names.stream().filter(name -> !name.equals(new Str(user))).toList());
    } catch (StorageException.DatabaseNotFound e) {
      // Nothing to do.
    }
  }

  /** Deletes a database, if it exists. */
  void delete(String database) {
    try {
      databases.delete(database);
    } catch (StorageException.DatabaseNotFound e) {
      // Deleted already.
    }
  }

  private static List<JsonValue> with(List<JsonValue> names, String user) {
    if (names.contains(new Str(user))) {
      return names;
    }
    List<JsonValue> all = new ArrayList<>();
    all.add(new Str(user));
    all.addAll(names);
    return all;
  }

  /** Changes the names of administrators and members; keeps everything else. */
  private void change(String name, UnaryOperator<List<JsonValue>> change) {
    Database database = databases.open(name, Principal.SERVER_ADMIN);
    database.settings().changeSecurity(security -> changed(security, change));
  }

  private static SecurityObject changed(
      SecurityObject security, UnaryOperator<List<JsonValue>> change) {
    Map<String, JsonValue> members = members(JsonValue.read(security.json()));
    for (String group : GROUPS) {
      Map<String, JsonValue> principals = members(members.get(group));
      List<JsonValue> names =
          principals.get("names") instanceof Arr(List<JsonValue> known) ? known : List.of();
      List<JsonValue> newNames = change.apply(names);
      if (!newNames.equals(names)) {
        principals.put("names", new Arr(newNames));
        members.put(group, new Obj(principals));
      }
    }
    JsonBuffer out = new JsonBuffer();
    new Obj(members).appendTo(out);
    return SecurityObject.parse(out.toBytes());
  }

  /** A modifiable copy of the members of an object; empty for anything else. */
  private static Map<String, JsonValue> members(@Nullable JsonValue of) {
    return of instanceof Obj(Map<String, JsonValue> members)
        ? new LinkedHashMap<>(members)
        : new LinkedHashMap<>();
  }
}
