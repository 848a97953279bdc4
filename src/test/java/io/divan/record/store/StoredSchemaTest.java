package io.divan.record.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.record.FieldType;
import io.divan.record.Index;
import io.divan.record.Key;
import io.divan.record.Predicate;
import io.divan.record.Query;
import io.divan.record.ReadLimits;
import io.divan.record.Rec;
import io.divan.record.RecordException;
import io.divan.record.RecordSpace;
import io.divan.record.RecordTransaction;
import io.divan.record.RecordType;
import io.divan.record.Schema;
import io.divan.record.Upgrade;
import io.divan.record.index.IndexState;
import io.divan.storage.ReferenceAdapter;
import io.divan.storage.StorageAdapter;
import io.divan.storage.Store;
import io.divan.storage.checked.CheckedAdapter;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Opening with the stored schema, and changes of the schema within a transaction. */
class StoredSchemaTest {
  private static final RecordType USER =
      RecordType.of(1, "user")
          .field(1, "id", FieldType.TEXT)
          .field(2, "city", FieldType.TEXT)
          .field(3, "age", FieldType.INTEGER, 7)
          .field(4, "tags", FieldType.arrayOf(FieldType.TEXT))
          .key("id");
  private static final Schema EVERY_KIND =
      Schema.version(3)
          .type(USER)
          .type(RecordType.of(2, "log").field(1, "at", FieldType.INTEGER).key("at"))
          .index(Index.value("city", "user", Index.Column.desc("city")).covers("age").sparsely())
          .index(Index.value("tags", "user", "tags", "age").elements("tags").uniquely())
          .index(Index.count("users", "user"))
          .index(Index.count("cities", "user", "city"))
          .index(Index.sum("ages", "user", "age", "city"))
          .index(Index.maxEver("oldest", "user", "age"))
          .index(Index.minEver("youngest", "user", "age", "city"))
          .index(Index.feed("changes", "user", "log"))
          .index(new Index.Versionstamp("history", List.of("log"), true));
  private static final Schema USERS =
      Schema.version(1).type(USER).index(Index.count("users", "user"));
  private static final RecordSpace SPACE = RecordSpace.whole();

  private final StorageAdapter adapter = new CheckedAdapter(new ReferenceAdapter());
  private final Store store = adapter.create("db", transaction -> {});

  @AfterEach
  void close() {
    adapter.close();
  }

  private static Rec user(String id, String city) {
    return Rec.of("user").with("id", id).with("city", city);
  }

  private static boolean put(RecordTransaction transaction, Rec rec) {
    transaction.put(rec);
    return true;
  }

  private RecordStore stored() {
    return RecordStore.openStored(store, SPACE).orElseThrow();
  }

  @Test
  void openStored_withoutRecords_isEmpty() {
    assertThat(RecordStore.openStored(store, SPACE)).isEmpty();
    assertThat(store.<Optional<Schema>>read(reader -> RecordStore.stored(reader, SPACE)))
        .isEmpty();
  }

  @Test
  void openStored_hasTheSchema_withIndexesOfEveryKind() {
    RecordStore.open(store, SPACE, EVERY_KIND);
    assertThat(stored().schema()).isEqualTo(EVERY_KIND);
    assertThat(store.<Optional<Schema>>read(reader -> RecordStore.stored(reader, SPACE)))
        .contains(EVERY_KIND);
  }

  @Test
  void openStored_withUpgradeSteps_needsThem() {
    RecordStore.open(store, SPACE, USERS);
    Upgrade step = new Upgrade(1, "user", List.of("age"), rec -> rec.with("age", 8));
    Schema second =
        new Schema(2, USERS.types(), USERS.indexes(), List.of()).upgrade(step);
    RecordStore.open(store, SPACE, second);
    assertThatThrownBy(this::stored)
        .isInstanceOf(RecordException.SchemaRefused.class)
        .hasMessage("The stored schema of version 2 has 1 upgrade steps; open it with them");
    assertThat(RecordStore.openStored(store, SPACE, schema -> schema.upgrade(step))).isPresent();
    assertThatThrownBy(
        () -> RecordStore.openStored(
            store, SPACE, schema -> schema.upgrade(step).index(Index.count("more", "user"))))
        .isInstanceOf(RecordException.SchemaRefused.class)
        .hasMessageContaining("differs from the stored one of the same version 2");
  }

  @Test
  void evolve_changesTheSchemaInTheTransaction() {
    RecordStore old = RecordStore.open(store, SPACE, USERS);
    old.write(transaction -> put(transaction, user("u1", "Oslo")));
    Schema with = new Schema(2, USERS.types(), USERS.indexes(), List.of())
        .type(RecordType.of(2, "city").field(1, "name", FieldType.TEXT).key("name"))
        .index(Index.value("names", "city", "name").uniquely())
        .index(Index.value("by city", "user", "city"));
    old.write(
        transaction -> {
          transaction.put(user("u2", "Rome"));
          transaction.evolve(with);
          transaction.put(Rec.of("city").with("name", "Rome"));
          transaction.put(user("u3", "Rome"));
          assertThat(transaction.get("user", Key.of("u2"))).isPresent();
          assertThat(transaction.count("users")).isEqualTo(3);
          Query rome = Query.of("city").where(Predicate.eq("name", "Rome"));
          assertThat(transaction.run(rome, ReadLimits.DEFAULT, Optional.empty()).records())
              .hasSize(1);
          return true;
        });
    assertThatThrownBy(() -> old.read(reader -> reader.count("users")))
        .isInstanceOf(RecordException.NewerSchema.class);
    RecordStore now = stored();
    assertThat(now.schema()).isEqualTo(with);
    assertThat(now.index("names").state()).isEqualTo(IndexState.READABLE);
    assertThat(now.index("by city").state()).isEqualTo(IndexState.BUILDING);
    while (now.buildStep()) {
      // until it is built
    }
    for (Index index : with.indexes()) {
      assertThat(now.scrub(index.name(), false).missing()).isZero();
      assertThat(now.scrub(index.name(), false).dangling()).isZero();
    }
    assertThat(now.<Long>read(reader -> reader.count("users"))).isEqualTo(3);
  }

  @Test
  void evolve_twice_andRolledBack_leavesTheSchema() {
    RecordStore users = RecordStore.open(store, SPACE, USERS);
    Schema second = new Schema(2, USERS.types(), List.of(), List.of());
    Schema third = second.type(RecordType.of(2, "a").field(1, "id", FieldType.TEXT).key("id"));
    assertThatThrownBy(
        () -> users.write(
            transaction -> {
              transaction.evolve(second);
              transaction.evolve(new Schema(3, third.types(), List.of(), List.of()));
              transaction.put(Rec.of("a").with("id", "x"));
              throw new IllegalStateException("no");
            }))
        .hasMessage("no");
    assertThat(stored().schema()).isEqualTo(USERS);
    users.write(
        transaction -> {
          transaction.evolve(second);
          transaction.evolve(new Schema(3, third.types(), List.of(), List.of()));
          return put(transaction, Rec.of("a").with("id", "x"));
        });
    assertThat(stored().schema().version()).isEqualTo(3);
    assertThat(stored().<Optional<Rec>>read(reader -> reader.get("a", Key.of("x"))))
        .isPresent();
  }

  @Test
  void evolve_sameOrForbidden_changesNothing() {
    RecordStore users = RecordStore.open(store, SPACE, USERS);
    users.write(
        transaction -> {
          transaction.evolve(USERS);
          return put(transaction, user("u1", "Oslo"));
        });
    Schema other = Schema.version(2).type(RecordType.of(1, "user").field(1, "x", FieldType.BYTES)
        .key("x"));
    assertThatThrownBy(
        () -> users.write(
            transaction -> {
              transaction.evolve(other);
              return true;
            }))
        .isInstanceOf(RecordException.SchemaRefused.class);
    assertThat(users.<Long>read(reader -> reader.count("users"))).isEqualTo(1);
  }
}
