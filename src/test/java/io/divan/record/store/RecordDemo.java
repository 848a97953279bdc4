package io.divan.record.store;

import io.divan.record.FieldType;
import io.divan.record.Index;
import io.divan.record.Key;
import io.divan.record.Predicate;
import io.divan.record.Query;
import io.divan.record.ReadLimits;
import io.divan.record.Rec;
import io.divan.record.RecordSpace;
import io.divan.record.RecordType;
import io.divan.record.Schema;
import io.divan.storage.ReferenceAdapter;
import io.divan.storage.Store;
import java.io.PrintStream;
import java.util.Optional;

/**
 * The demo of the book of FoundationDB layers, lab option-c-record-layer: users by id, with an
 * index of their cities. Its main method runs it in memory.
 */
final class RecordDemo {
  private static final Schema SCHEMA =
      Schema.version(1)
          .type(
              RecordType.of(1, "user")
                  .field(1, "id", FieldType.TEXT)
                  .field(2, "name", FieldType.TEXT)
                  .field(3, "city", FieldType.TEXT)
                  .key("id"))
          .index(Index.value("city", "user", "city"));

  private RecordDemo() {}

  /** Runs the demo. */
  public static void main(String[] arguments) {
    try (ReferenceAdapter adapter = new ReferenceAdapter()) {
      run(adapter.create("demo", transaction -> {}), System.out);
    }
  }

  static void run(Store store, PrintStream out) {
    RecordStore users = RecordStore.open(store, RecordSpace.whole(), SCHEMA);
    users.write(
        transaction -> {
          transaction.put(user("u1", "Alice", "Paris"));
          transaction.put(user("u2", "Bob", "Tokyo"));
          transaction.put(user("u3", "Carol", "Paris"));
          return true;
        });
    out.println("All users (PK order):");
    print(users, Query.of("user"), out);
    out.println("Lookup city=Paris (via secondary index):");
    print(users, inCity("Paris"), out);

    users.write(
        transaction -> {
          Rec alice = transaction.get("user", Key.of("u1")).orElseThrow();
          transaction.put(alice.with("city", "Tokyo"));
          return true;
        });
    out.println("After moving Alice to Tokyo:");
    out.println("Lookup city=Paris:");
    print(users, inCity("Paris"), out);
    out.println("Lookup city=Tokyo:");
    print(users, inCity("Tokyo"), out);
    users.write(transaction -> transaction.delete("user", Key.of("u1")));
  }

  private static Rec user(String id, String name, String city) {
    return Rec.of("user").with("id", id).with("name", name).with("city", city);
  }

  private static Query inCity(String city) {
    return Query.of("user").where(Predicate.eq("city", city));
  }

  private static void print(RecordStore users, Query query, PrintStream out) {
    for (Rec user : users.run(query, ReadLimits.DEFAULT, Optional.empty()).records()) {
      out.printf(
          "  %s -> map[city:%s name:%s]%n",
          user.text("id"), user.text("city"), user.text("name"));
    }
  }
}
