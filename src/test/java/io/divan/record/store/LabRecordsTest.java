package io.divan.record.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.record.FieldType;
import io.divan.record.Index;
import io.divan.record.Key;
import io.divan.record.Rec;
import io.divan.record.RecordException;
import io.divan.record.RecordFeed;
import io.divan.record.RecordSpace;
import io.divan.record.RecordType;
import io.divan.record.Schema;
import io.divan.storage.ReferenceAdapter;
import io.divan.storage.StorageAdapter;
import io.divan.storage.Store;
import io.divan.storage.Versionstamp;
import io.divan.storage.checked.CheckedAdapter;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * The scenarios and exercises of the book of FoundationDB layers, lab option-c-record-layer, except
 * those about queries.
 */
class LabRecordsTest {
  private final StorageAdapter adapter = new CheckedAdapter(new ReferenceAdapter());
  private final Store store = adapter.create("db", transaction -> {});

  @AfterEach
  void close() {
    adapter.close();
  }

  private static final Schema USERS =
      Schema.version(1)
          .type(
              RecordType.of(1, "user")
                  .field(1, "id", FieldType.TEXT)
                  .field(2, "name", FieldType.TEXT)
                  .field(3, "city", FieldType.TEXT)
                  .field(4, "age", FieldType.INTEGER)
                  .field(5, "data", FieldType.BYTES)
                  .key("id"))
          .index(Index.count("users", "user"))
          .index(Index.value("name", "user", "name").uniquely())
          .index(Index.sum("ages by city", "user", "age", "city"))
          .index(Index.maxEver("oldest", "user", "age"))
          .index(Index.minEver("youngest by city", "user", "age", "city"))
          .index(Index.feed("changes", "user"))
          .index(new Index.Versionstamp("log", List.of("user"), true));

  private RecordStore users() {
    return RecordStore.open(store, RecordSpace.whole(), USERS);
  }

  private static Rec user(String id, String name, String city) {
    return Rec.of("user").with("id", id).with("name", name).with("city", city);
  }

  @Test
  void demo_printsWhatTheLabExpects() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    RecordDemo.run(store, new PrintStream(out, true, StandardCharsets.UTF_8));
    assertThat(out.toString(StandardCharsets.UTF_8).replace("\r", ""))
        .isEqualTo(
            """
            All users (PK order):
              u1 -> map[city:Paris name:Alice]
              u2 -> map[city:Tokyo name:Bob]
              u3 -> map[city:Paris name:Carol]
            Lookup city=Paris (via secondary index):
              u1 -> map[city:Paris name:Alice]
              u3 -> map[city:Paris name:Carol]
            After moving Alice to Tokyo:
            Lookup city=Paris:
              u3 -> map[city:Paris name:Carol]
            Lookup city=Tokyo:
              u1 -> map[city:Tokyo name:Alice]
              u2 -> map[city:Tokyo name:Bob]
            """);
  }

  @Test
  void counters_followChanges() {
    RecordStore users = users();
    users.write(
        transaction -> {
          transaction.put(user("u1", "Alice", "Paris").with("age", 30));
          transaction.put(user("u2", "Bob", "Tokyo").with("age", 20));
          transaction.put(user("u3", "Carol", "Paris").with("age", 12));
          return true;
        });
    users.write(
        transaction -> {
          assertThat(transaction.delete("user", Key.of("u2"))).isTrue();
          assertThat(transaction.delete("user", Key.of("u2"))).isFalse();
          transaction.put(user("u3", "Carol", "Rome").with("age", 13));
          return true;
        });
    users.read(
        reader -> {
          assertThat(reader.count("users")).isEqualTo(2);
          assertThat(reader.sum("ages by city", "Paris")).isEqualTo(30);
          assertThat(reader.sum("ages by city", "Rome")).isEqualTo(13);
          assertThat(reader.sum("ages by city", "Tokyo")).isZero();
          assertThat(reader.ever("oldest")).contains(30L);
          assertThat(reader.ever("youngest by city", "Paris")).contains(12L);
          assertThat(reader.ever("youngest by city", "Oslo")).isEmpty();
          return true;
        });
  }

  @Test
  void names_areUnique() {
    RecordStore users = users();
    users.write(
        transaction -> {
          transaction.insert(user("u1", "Alice", "Paris"));
          return true;
        });
    assertThatThrownBy(
        () -> users.write(
            transaction -> {
              transaction.put(user("u2", "Alice", "Rome"));
              return true;
            }))
        .isInstanceOf(RecordException.NotUnique.class)
        .hasMessage("Another record, ['u1'], has the same key in unique index name");
    assertThatThrownBy(
        () -> users.write(
            transaction -> {
              transaction.insert(user("u1", "Bob", "Rome"));
              return true;
            }))
        .isInstanceOf(RecordException.AlreadyExists.class);
    users.write(
        transaction -> {
          transaction.put(user("u1", "Bob", "Paris"));
          transaction.put(user("u2", "Alice", "Rome"));
          return true;
        });
    long count = users.read(reader -> reader.count("users"));
    assertThat(count).isEqualTo(2);
  }

  @Test
  void values_ofEveryKind_comeBack() {
    Schema schema =
        Schema.version(1)
            .type(
                RecordType.of(1, "thing")
                    .field(1, "id", FieldType.BYTES)
                    .field(2, "n", FieldType.INTEGER)
                    .field(3, "x", FieldType.DOUBLE)
                    .field(4, "yes", FieldType.BOOLEAN)
                    .field(5, "tags", FieldType.arrayOf(FieldType.TEXT))
                    .field(6, "any", FieldType.TUPLE)
                    .key("id", "n"));
    RecordStore things = RecordStore.open(store, RecordSpace.whole(), schema);
    List<Object> numbers =
        List.of(0L, -1L, Long.MIN_VALUE, BigInteger.TWO.pow(63), BigInteger.TEN.pow(300).negate());
    List<Rec> all = new ArrayList<>();
    for (Object number : numbers) {
      for (byte[] id : new byte[][] {{}, {0}, {0, -1}, {-1}}) {
        all.add(
            Rec.of("thing")
                .with("id", id)
                .with("n", number)
                .with("x", 7)
                .with("yes", id.length == 0)
                .with("tags", List.of("a\0b", "", "\ud83d\ude00"))
                .with("any", List.of(number, id, Double.NaN, -0.0, List.of("x"), true)));
      }
    }
    things.write(
        transaction -> {
          all.forEach(transaction::put);
          return true;
        });
    for (Rec rec : all) {
      Key key = Key.of(rec.get("id").orElseThrow(), rec.get("n").orElseThrow());
      Optional<Rec> found = things.read(reader -> reader.get("thing", key));
      assertThat(found).contains(rec.with("x", 7.0));
    }
  }

  @Test
  void feed_listsTheLastChangeOfEachRecord_inCommitOrder() throws InterruptedException {
    RecordStore users = users();
    for (String id : List.of("u1", "u2", "u1")) {
      users.write(
          transaction -> {
            transaction.put(user(id, id, "Paris").with("age", transaction.count("users")));
            return true;
          });
    }
    users.write(transaction -> transaction.delete("user", Key.of("u2")));
    RecordFeed feed = users.feed("changes");
    List<RecordFeed.Change> changes = feed.since(Versionstamp.ZERO, 10);
    assertThat(changes.stream().map(change -> change.key() + " " + change.deleted()))
        .containsExactly("['u1'] false", "['u2'] true");
    assertThat(users.feed("log").since(Versionstamp.ZERO, 10)).hasSize(4);
    Versionstamp last = changes.getLast().stamp();
    assertThat(feed.await(last, 10, Duration.ofMillis(1))).isEmpty();

    List<List<RecordFeed.Change>> live = new ArrayList<>();
    Thread reader =
        Thread.startVirtualThread(
            () -> {
              try {
                live.add(feed.await(last, 10, Duration.ofSeconds(20)));
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    users.write(
        transaction -> {
          transaction.put(user("u3", "Carol", "Rome"));
          return true;
        });
    reader.join();
    assertThat(live.getFirst()).extracting(RecordFeed.Change::key).containsExactly(Key.of("u3"));
  }

  @Test
  void put_ofAnEqualRecord_isNoChange() {
    RecordStore users = users();
    for (int i = 0; i < 3; i++) {
      users.write(
          transaction -> {
            transaction.put(user("u1", "Alice", "Paris"));
            return true;
          });
    }
    assertThat(users.feed("log").since(Versionstamp.ZERO, 10)).hasSize(1);
  }

  @Test
  void records_ofManyChunks_growAndShrink() {
    RecordStore users = users();
    for (int size : new int[] {10, 3_000_000, 95_000, 400_000, 0}) {
      byte[] data = new byte[size];
      java.util.Arrays.fill(data, (byte) size);
      Rec rec = user("u1", "Alice", "Paris").with("data", data);
      users.write(
          transaction -> {
            transaction.put(rec);
            return true;
          });
      Optional<Rec> read = users.read(reader -> reader.get("user", Key.of("u1")));
      assertThat(read.equals(Optional.of(rec))).isTrue();
    }
  }

  @Test
  void put_thatDoesNotFit_isRefused() {
    RecordStore users = users();
    assertRefused(users, Rec.of("user"), "A record of type user needs a value of its key field id");
    assertRefused(users, Rec.of("city"), "The schema has no type city");
    assertRefused(
        users, user("u1", "Alice", "Paris").with("town", 1), "Type user has no field town");
    assertRefused(
        users,
        user("u1", "Alice", "Paris").with("age", "old"),
        "Field age of type user: 'old' is not a value of the type integer");
    assertRefused(
        users,
        user("u1", "Alice", "Paris").with("age", 1L << 62),
        "Field age is too large for sum index ages by city: less than 2^62");
  }

  private static void assertRefused(RecordStore users, Rec rec, String sentence) {
    assertThatThrownBy(
        () -> users.write(
            transaction -> {
              transaction.put(rec);
              return true;
            }))
        .isInstanceOf(RecordException.Invalid.class)
        .hasMessage(sentence);
  }
}
