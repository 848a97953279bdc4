package io.divan.query.index;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.document.IndexStorage;
import io.divan.document.TestDatabases;
import io.divan.json.JsonValue;
import io.divan.record.index.Contribution;
import io.divan.record.index.IndexScan;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The bytes of rows, as docs/queries.md describes them. */
class IndexRowTest {

  private static Contribution.Row row(String id, String... values) {
    List<JsonValue> columns =
        List.of(values).stream().map(value -> JsonValue.read(TestDatabases.utf8(value))).toList();
    return IndexRow.encode(IndexStorage.key(id), columns);
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  @Test
  void row_isFrozen() {
    Contribution.Row row = row("d1", "1");
    assertThat(hex(row.key())).isEqualTo("05038101" + "0b00" + "02643100" + "0006");
    assertThat(hex(row.value())).isEqualTo("005b315d");
    assertThat(hex(row("d1").key())).isEqualTo("02643100" + "0000");
  }

  @Test
  void row_ofALongValue_hasNeitherTheValueNorLaterColumns() {
    String text = "\"" + "x".repeat(10_000) + "\"";
    Contribution.Row row = row("d1", "1", text, "2");
    assertThat(hex(row.value())).isEqualTo("03");
    assertThat(row.key()).hasSize(6 + 2_000 + 4 + 2);
  }

  @Test
  void row_decoded_hasItsDocument() {
    Contribution.Row row = row("a\0b", "null", "[1,\"x\"]");
    IndexRow read =
        IndexRow.decode(
            new IndexScan.Row(row.key(), row.value(), IndexScan.Position.START));
    assertThat(read.id()).isEqualTo("a\0b");
    assertThat(read.cut()).isFalse();
    assertThat(TestDatabases.text(read.values().orElseThrow())).isEqualTo("[null,[1,\"x\"]]");
  }
}
