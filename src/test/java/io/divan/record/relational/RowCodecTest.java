package io.divan.record.relational;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.record.FieldType;
import io.divan.record.Rec;
import io.divan.record.RecordException;
import io.divan.record.RecordSpace;
import io.divan.record.RecordType;
import io.divan.record.index.IndexSpace;
import io.divan.record.store.RecordStore;
import io.divan.storage.ReferenceAdapter;
import io.divan.storage.StorageAdapter;
import io.divan.storage.Store;
import io.divan.storage.checked.CheckedAdapter;
import io.divan.storage.tuple.TupleWriter;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The bytes of rows, which docs/records.md shows. */
class RowCodecTest {
  private static final RecordType USERS =
      RecordType.of(1, "users")
          .field(2, "id", FieldType.INTEGER)
          .field(3, "name", FieldType.TEXT)
          .key("id")
          .field(4, "city", FieldType.TEXT);

  private static String hex(byte[] bytes) {
    return HexFormat.ofDelimiter(" ").formatHex(bytes);
  }

  @Test
  void row_isATupleOfNumbersAndValues() {
    Rec alice = Rec.of("users").with("id", 1).with("name", "Alice").with("city", "Paris");
    byte[] bytes = RowCodec.INSTANCE.encode(USERS, alice);
    assertThat(hex(bytes))
        .isEqualTo("15 02 15 01 15 03 02 41 6c 69 63 65 00 15 04 02 50 61 72 69 73 00");
    assertThat(RowCodec.INSTANCE.decode(USERS, bytes)).isEqualTo(alice);
    Rec bob = alice.with("name", null);
    assertThat(hex(RowCodec.INSTANCE.encode(USERS, bob)))
        .isEqualTo("15 02 15 01 15 04 02 50 61 72 69 73 00");
    assertThat(RowCodec.INSTANCE.decode(USERS, RowCodec.INSTANCE.encode(USERS, bob)))
        .isEqualTo(bob);
  }

  @Test
  void row_keepsAllTypes() {
    RecordType type =
        RecordType.of(1, "t")
            .field(9, "i", FieldType.INTEGER)
            .field(2, "d", FieldType.DOUBLE)
            .field(300, "b", FieldType.BOOLEAN)
            .field(4, "x", FieldType.BYTES)
            .key("i");
    for (Object integer : new Object[] {0L, -1L, Long.MIN_VALUE, BigInteger.TWO.pow(900)}) {
      Rec rec =
          Rec.of("t")
              .with("i", integer)
              .with("d", Double.NaN)
              .with("b", false)
              .with("x", new byte[] {0, -1, 0});
      assertThat(RowCodec.INSTANCE.decode(type, RowCodec.INSTANCE.encode(type, rec)))
          .isEqualTo(rec);
    }
  }

  @Test
  void damagedRow_isRefused() {
    byte[] bytes =
        RowCodec.INSTANCE.encode(USERS, Rec.of("users").with("id", 1).with("name", "Alice"));
    for (byte[] each : new byte[][] {
      Arrays.copyOf(bytes, bytes.length - 1),
      TupleWriter.pack(7L, "unknown column"),
      TupleWriter.pack(2L, null),
      TupleWriter.pack("no number", 1L)}) {
      assertThatThrownBy(() -> RowCodec.INSTANCE.decode(USERS, each))
          .isInstanceOf(RecordException.Damaged.class)
          .hasMessage("A row of table users cannot be read");
    }
  }

  @Test
  void rowOfAnEarlierFormat_isRead() {
    try (StorageAdapter adapter = new CheckedAdapter(new ReferenceAdapter())) {
      Store store = adapter.create("db", transaction -> {});
      RelationalDatabase db = RelationalDatabase.open(store, "test");
      db.createTable(
          TableDefinition.of("users")
              .column("id", ColumnType.INTEGER)
              .column("name", ColumnType.TEXT)
              .key("id"));
      RecordSpace space =
          new RecordSpace(IndexSpace.RECORDS, TupleWriter.pack("sql", "test", 1L));
      RecordStore.openStored(store, space)
          .orElseThrow()
          .write(
              transaction -> {
                transaction.put(Rec.of("users").with("id", 1).with("name", "as JSON"));
                return true;
              });
      db.insert("users", Map.of("id", 2, "name", "as a tuple"));
      assertThat(db.select("users").list().stream().map(row -> row.text("name")))
          .containsExactly("as JSON", "as a tuple");
    }
  }
}
