package io.divan.document;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.document.maintenance.DatabaseCheck;
import io.divan.document.revision.Revision;
import io.divan.storage.ReferenceAdapter;
import io.divan.storage.Store;
import io.divan.storage.checked.CheckedAdapter;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;

/** Databases in memory, and short forms of what the tests say to them. */
public final class TestDatabases {

  private TestDatabases() {}

  /** A database of its own, empty. */
  public static Database create() {
    Databases databases = databases(EditHooks.NONE);
    databases.create("db");
    return databases.open("db");
  }

  /** No databases yet, with these rules and observers. */
  public static Databases databases(EditHooks hooks) {
    Clock clock = Clock.systemUTC();
    return new Databases(
        new CheckedAdapter(new ReferenceAdapter()), clock, store -> commit -> {}, hooks);
  }

  /** No databases yet, with this policy. */
  static Databases databases(AccessPolicy policy) {
    return new Databases(
        new CheckedAdapter(new ReferenceAdapter()),
        Clock.systemUTC(),
        store -> commit -> {},
        EditHooks.NONE,
        policy);
  }

  /** A database of these, opened for the server administrator. */
  public static Database open(Databases databases, String name) {
    return databases.open(name);
  }

  /** The database of a store. */
  static Database of(Store store) {
    return new Database(store, commit -> {}, EditHooks.NONE);
  }

  /** A store of its own, empty. */
  public static Store store() {
    return new CheckedAdapter(new ReferenceAdapter()).create("db", transaction -> {});
  }

  public static DocumentInput input(String json) {
    return new DocumentParser().parse(utf8(json.replace('\'', '"')));
  }

  public static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  public static String text(byte[] utf8) {
    return new String(utf8, StandardCharsets.UTF_8);
  }

  public static Revision revision(String text) {
    return Revision.parse(text).orElseThrow();
  }

  /** What became of each edit: its revision, or {@code error: reason}. */
  public static List<String> update(Database database, String... documents) {
    return outcomes(database.update(inputs(documents)));
  }

  /** As {@link #update}, with edits made elsewhere. */
  public static List<String> replicate(Database database, String... documents) {
    return outcomes(database.replicate(inputs(documents)));
  }

  /** The revision of an edit that must succeed. */
  public static String saved(Database database, String document) {
    UpdateResult result = database.update(inputs(document)).getFirst();
    assertThat(result).isInstanceOf(UpdateResult.Saved.class);
    return ((UpdateResult.Saved) result).revision();
  }

  private static List<DocumentInput> inputs(String... documents) {
    List<DocumentInput> inputs = new ArrayList<>();
    for (String document : documents) {
      inputs.add(input(document));
    }
    return inputs;
  }

  public static List<String> outcomes(List<UpdateResult> results) {
    return results.stream().map(TestDatabases::outcome).toList();
  }

  static String outcome(UpdateResult result) {
    return switch (result) {
      case UpdateResult.Saved saved -> saved.revision();
      case UpdateResult.Refused refused ->
          refused.reason().error() + ": " + refused.reason().reason();
    };
  }

  public static String get(Database database, String id, ReadOptions options) {
    return text(database.get(id, true, options).json());
  }

  public static String get(Database database, String id) {
    return get(database, id, ReadOptions.NONE);
  }

  /** Fails where an invariant of the database is broken. */
  public static void check(Database database) {
    assertThat(DatabaseCheck.problems(database)).isEmpty();
  }
}
