package io.divan.record.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.record.Field;
import io.divan.record.FieldType;
import io.divan.record.Index;
import io.divan.record.Predicate;
import io.divan.record.Query;
import io.divan.record.ReadLimits;
import io.divan.record.Rec;
import io.divan.record.RecordCodec;
import io.divan.record.RecordException;
import io.divan.record.RecordSpace;
import io.divan.record.RecordType;
import io.divan.record.Schema;
import io.divan.record.Upgrade;
import io.divan.record.index.IndexSpace;
import io.divan.storage.KeyValue;
import io.divan.storage.Range;
import io.divan.storage.ReferenceAdapter;
import io.divan.storage.StorageAdapter;
import io.divan.storage.Store;
import io.divan.storage.checked.CheckedAdapter;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The bytes of docs/records.md. What is stored never changes. */
class RecordFormatsTest {
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
                  .field(2, "city", FieldType.TEXT)
                  .field(3, "data", FieldType.BYTES)
                  .key("id"))
          .index(Index.value("city", "user", "city"));

  private static String hex(byte[] bytes) {
    return HexFormat.ofDelimiter(" ").formatHex(bytes);
  }

  private Map<String, byte[]> rows() {
    Map<String, byte[]> rows = new LinkedHashMap<>();
    List<KeyValue> all =
        store.read(transaction -> transaction.scan(Range.all(IndexSpace.RECORDS)).rows());
    all.forEach(row -> rows.put(hex(row.key()), row.value()));
    return rows;
  }

  @Test
  void rows_ofARecord() {
    RecordStore users = RecordStore.open(store, RecordSpace.whole(), USERS);
    users.write(
        transaction -> {
          transaction.put(Rec.of("user").with("id", "u1").with("city", "Paris"));
          return true;
        });
    Map<String, byte[]> rows = rows();
    assertThat(rows.get("14 02 66 6f 72 6d 61 74 00"))
        .isEqualTo(new byte[] {0, 0, 0, 1, 0, 0, 0, 0});
    assertThat(new String(rows.get("14 02 73 63 68 65 6d 61 00 15 01"), StandardCharsets.UTF_8))
        .isEqualTo(
            "{\"version\":1,\"types\":[{\"number\":1,\"name\":\"user\",\"key\":[1],\"fields\":["
                + "{\"number\":1,\"name\":\"id\",\"type\":\"text\"},"
                + "{\"number\":2,\"name\":\"city\",\"type\":\"text\"},"
                + "{\"number\":3,\"name\":\"data\",\"type\":\"bytes\"}]}],"
                + "\"indexes\":[{\"number\":1,\"name\":\"city\",\"definition\":"
                + "{\"kind\":\"value\",\"type\":1,\"columns\":[2]}}],\"upgrades\":[]}");
    byte[] json = "{\"id\":\"u1\",\"city\":\"Paris\"}".getBytes(StandardCharsets.UTF_8);
    assertThat(rows.get("15 01 15 01 02 75 31 00 14"))
        .isEqualTo(RecordKeys.concat(new byte[] {1, 1, (byte) json.length}, json));
    assertThat(rows.get("15 02 15 01 02 50 61 72 69 73 00 02 75 31 00")).isEmpty();
  }

  @Test
  void chunks_have96000Bytes() {
    RecordStore users = RecordStore.open(store, RecordSpace.whole(), USERS);
    users.write(
        transaction -> {
          transaction.put(Rec.of("user").with("id", "u1").with("data", new byte[90_000]));
          return true;
        });
    Map<String, byte[]> rows = rows();
    byte[] first = rows.get("15 01 15 01 02 75 31 00 14");
    assertThat(first).hasSize(96_000).startsWith(1, 1, 0xE0, 0xA9, 0x07, 0x7B);
    assertThat(rows.get("15 01 15 01 02 75 31 00 15 01")).hasSize(120_032 + 5 - 96_000);
  }

  @Test
  void chunks_thatDoNotFit_areDamaged() {
    assertThat(Chunks.read(List.of(new byte[] {0, 2, 1, 7})).version()).isEqualTo(2);
    for (byte[] bad : new byte[][] {{}, {0}, {2, 1, 0}, {0, 1, 2, 7}, {0, 1, 0, 7}, {0, -1}}) {
      assertThatThrownBy(() -> Chunks.read(List.of(bad)))
          .isInstanceOf(RecordException.Damaged.class);
    }
  }

  @Test
  void format_newer_isRefused() {
    RecordStore.open(store, RecordSpace.whole(), USERS);
    store.write(
        transaction -> {
          transaction.put(
              IndexSpace.RECORDS,
              new RecordKeys(RecordSpace.whole().indexes()).format(),
              new byte[] {0, 0, 0, 2, 0, 0, 0, 0});
          return true;
        });
    assertThatThrownBy(() -> RecordStore.open(store, RecordSpace.whole(), USERS))
        .isInstanceOf(RecordException.NewerFormat.class);
  }

  @Test
  void evolution_thatIsNotAllowed_isRefusedWithASentence() {
    RecordStore.open(store, RecordSpace.whole(), USERS);
    RecordType user = USERS.types().getFirst();
    assertRefused(
        new Schema(1, List.of(user.field(4, "age", FieldType.INTEGER)), USERS.indexes(), List.of()),
        "The schema differs from the stored one of the same version 1; give it a greater version");
    List<Field> fields = List.of(user.fields().get(0), new Field(2, "city", FieldType.BYTES));
    assertRefused(
        new Schema(2, List.of(new RecordType(1, "user", fields, user.key(), user.codec())),
            List.of(), List.of()),
        "Field city of type user is of type text; make a new field and an upgrade step");
    assertRefused(
        new Schema(2, List.of(user.key("city")), List.of(), List.of()),
        "The primary key of type user cannot change; make a new type and copy the records");
    assertRefused(
        USERS.index(Index.value("age", "user", "age")), "The type user has no field age");
    assertRefused(
        new Schema(2, List.of(user.field(4, "x", FieldType.DOUBLE)),
            List.of(Index.sum("sum", "user", "x")), List.of()),
        "A sum index adds 64-bit integers; field x of type user is of type double");
    RecordStore.open(
        store, RecordSpace.whole(), Schema.version(3).type(RecordType.of(2, "other")
            .field(1, "id", FieldType.TEXT).key("id")));
    assertRefused(
        new Schema(4, List.of(user), List.of(), List.of()),
        "Number 1 belonged to type user, which was removed; give type user another number");
    assertThatThrownBy(() -> RecordStore.open(store, RecordSpace.whole(), USERS))
        .isInstanceOf(RecordException.NewerSchema.class);
  }

  private void assertRefused(Schema schema, String sentence) {
    assertThatThrownBy(() -> RecordStore.open(store, RecordSpace.whole(), schema))
        .isInstanceOf(RecordException.SchemaRefused.class)
        .hasMessage(sentence);
  }

  @Test
  void upgrade_runsOnReading_andIndexesSeeIt() {
    RecordStore old = RecordStore.open(store, RecordSpace.whole(), USERS);
    old.write(
        transaction -> {
          transaction.put(Rec.of("user").with("id", "u1").with("city", "paris"));
          return true;
        });
    RecordType user =
        new RecordType(
            1, "user",
            List.of(
                new Field(1, "id", FieldType.TEXT),
                new Field(4, "town", FieldType.TEXT),
                new Field(5, "land", FieldType.TEXT, Optional.of("France"))),
            List.of("id"), RecordCodec.JSON);
    Schema newer =
        Schema.version(2)
            .type(user)
            .index(Index.value("town", "user", "town"))
            .upgrade(
                new Upgrade(1, "user", List.of("town"),
                    rec -> rec.with("town", rec.text("city").toUpperCase(java.util.Locale.ROOT))));
    RecordStore users = RecordStore.open(store, RecordSpace.whole(), newer);
    while (users.buildStep() || users.clearStep()) {
      // until the index is built
    }
    Rec expected =
        Rec.of("user").with("id", "u1").with("town", "PARIS").with("land", "France");
    Query query = Query.of("user").where(Predicate.eq("town", "PARIS"));
    assertThat(users.run(query, ReadLimits.DEFAULT, Optional.empty()).records())
        .containsExactly(expected);
    assertThat(users.explain(query).toString()).contains("town");
    assertThat(users.scrub("town", false).missing()).isZero();
  }
}
