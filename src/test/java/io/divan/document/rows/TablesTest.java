package io.divan.document.rows;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.document.revision.AttachmentTotals;
import io.divan.document.revision.Leaf;
import io.divan.document.revision.Revision;
import io.divan.document.revision.RevisionPathTest;
import io.divan.storage.Range;
import io.divan.storage.Table;
import io.divan.storage.Versionstamp;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TablesTest {

  private static List<Table> tables() throws IllegalAccessException {
    List<Table> tables = new ArrayList<>();
    for (Field field : Tables.class.getDeclaredFields()) {
      if (field.getType() == Table.class) {
        tables.add((Table) field.get(Tables.class));
      }
    }
    return tables;
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  private static Revision revision(String text) {
    return Revision.parse(text).orElseThrow();
  }

  /** A number or name once given to a table is never used for another one. */
  @Test
  void tables_numbersAndNames_frozen() throws IllegalAccessException {
    assertThat(tables().stream().map(table -> table.number() + " " + table.name()))
        .containsExactlyInAnyOrder(
            "0 format",
            "16 metadata",
            "17 stats",
            "18 all_docs",
            "19 changes",
            "20 docs",
            "21 rev_data",
            "22 local_docs",
            "23 attachments",
            "24 indexes",
            "29 purges");
  }

  @Test
  void tables_all_everyOne() throws IllegalAccessException {
    assertThat(Tables.ALL).containsExactlyInAnyOrderElementsOf(tables());
  }

  @Test
  void tables_numbersAndNames_unique() throws IllegalAccessException {
    assertThat(tables().stream().map(Table::number)).doesNotHaveDuplicates();
    assertThat(tables().stream().map(Table::name)).doesNotHaveDuplicates();
  }

  /** CouchDB's first layer on FoundationDB had other things there. */
  @Test
  void tables_reservedNumbers_unused() throws IllegalAccessException {
    assertThat(tables().stream().map(Table::number)).doesNotContain(25, 26, 27, 28);
  }

  @Test
  void leafKey_literal() {
    Leaf leaf =
        new Leaf(
            RevisionPathTest.path("2-00ff00000000000000000000000000aa", "1-a"), false, 9,
            AttachmentTotals.NONE);
    assertThat(hex(Tables.leafKey("a", leaf)))
        .isEqualTo(
            "026100" + "27" + "1502" + "01" + "00ffff" + "00ff".repeat(13) + "aa" + "00");
  }

  @Test
  void leafKey_tombstone_sortsBeforeTheLiving() {
    Leaf dead = new Leaf(RevisionPathTest.path("300-z"), true, 2, AttachmentTotals.NONE);
    assertThat(hex(Tables.leafKey("é", dead))).isEqualTo("02c3a900" + "26" + "16012c" + "017a00");
    Leaf living = new Leaf(RevisionPathTest.path("1-a"), false, 2, AttachmentTotals.NONE);
    assertThat(Tables.leafKey("é", dead)).satisfies(
        key -> assertThat(hex(key)).isLessThan(hex(Tables.leafKey("é", living))));
  }

  @Test
  void bodyKey_literal() {
    assertThat(hex(Tables.bodyKey("a\0b", revision("1-x"), 0)))
        .isEqualTo("026100ff6200" + "1501" + "017800" + "14");
    assertThat(hex(Tables.bodyKey("a", revision("1-x"), 83)))
        .isEqualTo("026100" + "1501" + "017800" + "1553");
  }

  @Test
  void changeKey_literal() {
    assertThat(hex(Tables.changeKey(new Versionstamp(1, 2, 3))))
        .isEqualTo("33" + "0000000000000001" + "0002" + "0003");
    assertThat(hex(Tables.CHANGE_PREFIX)).isEqualTo("33");
  }

  @ParameterizedTest
  @CsvSource({
    "database, 02646174616261736500", "uuid, 027575696400",
    "last_change, 026c6173745f6368616e676500"
  })
  void key_literal(String element, String literal) {
    assertThat(hex(Tables.key(element))).isEqualTo(literal);
  }

  @Test
  void leaves_idThatContinuesWithNul_isAnotherDocument() {
    Leaf leaf = new Leaf(RevisionPathTest.path("1-a"), false, 2, AttachmentTotals.NONE);
    Range range = Tables.leaves("a");
    assertThat(range.contains(Tables.leafKey("a", leaf))).isTrue();
    assertThat(range.contains(Tables.leafKey("a\0", leaf))).isFalse();
    assertThat(range.contains(Tables.leafKey("a\0b", leaf))).isFalse();
    assertThat(range.contains(Tables.leafKey("b", leaf))).isFalse();
  }

  @Test
  void body_revisionThatContinuesWithNul_isAnotherOne() {
    Range range = Tables.body("a", revision("1-x"));
    assertThat(range.contains(Tables.bodyKey("a", revision("1-x"), 0))).isTrue();
    assertThat(range.contains(Tables.bodyKey("a", revision("1-x"), 90))).isTrue();
    assertThat(range.contains(Tables.bodyKey("a", revision("1-x\0"), 0))).isFalse();
    assertThat(range.contains(Tables.bodyKey("a", revision("1-x\0y"), 0))).isFalse();
  }

  @Test
  void localDocument_idThatContinuesWithNul_isAnotherDocument() {
    Range range = LocalDocuments.range("_local/a");
    assertThat(range.contains(Tables.key("_local/a\0b"))).isFalse();
  }
}
