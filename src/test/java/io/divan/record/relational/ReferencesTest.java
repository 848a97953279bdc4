package io.divan.record.relational;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.record.relational.ForeignKey.OnDelete;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** References between rows: cycles, rows that refer to themselves, large cascades, moved keys. */
class ReferencesTest extends TablesFixture {
  private static TableDefinition table(String name, String parent, OnDelete onDelete) {
    return TableDefinition.of(name)
        .column("id", ColumnType.INTEGER)
        .column(Column.of("up", ColumnType.INTEGER).references(parent, onDelete))
        .key("id");
  }

  @Test
  void delete_followsACycleOfCascades() {
    db.createTable(TableDefinition.of("a").column("id", ColumnType.INTEGER).key("id"));
    db.createTable(table("b", "a", OnDelete.CASCADE));
    db.alterTable(
        TableDefinition.of("a")
            .version(2)
            .column("id", ColumnType.INTEGER)
            .column(Column.of("up", ColumnType.INTEGER).references("b", OnDelete.CASCADE))
            .key("id"));
    db.insert("a", Map.of("id", 1));
    db.insert("b", Map.of("id", 1, "up", 1));
    db.insert("a", Map.of("id", 2, "up", 1));
    db.insert("b", Map.of("id", 2, "up", 2));
    db.update("a", Where.eq("id", 1), Map.of("up", 2));
    db.insert("a", Map.of("id", 3));
    assertThat(db.delete("a", Where.eq("id", 2))).isEqualTo(1);
    assertThat(db.select("a").list().stream().map(row -> row.integer("id"))).containsExactly(3L);
    assertThat(db.select("b").list()).isEmpty();
  }

  @Test
  void row_mayReferToItself() {
    db.createTable(table("t", "t", OnDelete.RESTRICT));
    db.insert("t", Map.of("id", 1, "up", 1));
    assertThatThrownBy(() -> db.update("t", Where.eq("id", 1), Map.of("id", 2)))
        .isInstanceOf(RelationalException.StillReferenced.class);
    assertThat(db.delete("t", Where.eq("id", 1))).isEqualTo(1);
    assertThatThrownBy(() -> db.insert("t", Map.of("id", 1, "up", 2)))
        .isInstanceOf(RelationalException.ForeignKeyMissing.class);
    db.transaction(
        tx -> {
          tx.insert("t", Map.of("id", 1));
          tx.insert("t", Map.of("id", 2, "up", 1));
          tx.update("t", Where.eq("id", 1), Map.of("up", 2));
          return true;
        });
    assertThatThrownBy(() -> db.delete("t", Where.eq("id", 1)))
        .isInstanceOf(RelationalException.StillReferenced.class);
    assertThat(db.delete("t", Where.all())).isEqualTo(2);
  }

  @Test
  void updateOfAParentsKey() {
    db.createTable(TableDefinition.of("p").column("id", ColumnType.INTEGER).key("id"));
    db.createTable(table("c", "p", OnDelete.CASCADE));
    db.insert("p", Map.of("id", 1));
    db.insert("p", Map.of("id", 2));
    db.insert("c", Map.of("id", 1, "up", 1));
    assertThatThrownBy(() -> db.update("p", Where.eq("id", 1), Map.of("id", 3)))
        .isInstanceOf(RelationalException.StillReferenced.class);
    db.update("p", Where.eq("id", 2), Map.of("id", 3));
    db.transaction(
        tx -> {
          tx.update("c", Where.eq("up", 1), Map.of("up", 3));
          tx.update("p", Where.eq("id", 1), Map.of("id", 4));
          return true;
        });
    assertThat(db.select("p").list().stream().map(row -> row.integer("id")))
        .containsExactly(3L, 4L);
    assertThat(db.select("c").list().stream().map(row -> row.integer("up"))).containsExactly(3L);
  }

  @Test
  void cascade_tooLarge_changesNothing() {
    db.createTable(TableDefinition.of("p").column("id", ColumnType.INTEGER).key("id"));
    db.createTable(table("c", "p", OnDelete.CASCADE));
    db.insert("p", Map.of("id", 1));
    int children = 10_001;
    for (int i = 0; i < children; i += 2_500) {
      int from = i;
      db.transaction(
          tx -> {
            for (int id = from; id < Math.min(children, from + 2_500); id++) {
              tx.insert("c", Map.of("id", id, "up", 1));
            }
            return true;
          });
    }
    assertThatThrownBy(() -> db.delete("p", Where.all()))
        .isInstanceOf(RelationalException.CascadeTooLarge.class)
        .hasMessage(
            "More than 10000 rows refer to the rows of table p to delete. Delete them first, in"
                + " several transactions");
    assertThat(db.select("c").count()).isEqualTo(children);
    assertThat(db.select("p").count()).isEqualTo(1);
    db.delete("c", Where.eq("id", 0));
    assertThat(db.delete("p", Where.all())).isEqualTo(1);
    assertThat(db.select("c").count()).isZero();
    assertThat(db.select("c").where(Where.eq("up", 1)).list()).isEmpty();
  }

  @Test
  void references_ofAllTypes_andInCompositeKeys() {
    List<Map.Entry<ColumnType, List<?>>> values =
        List.of(
            Map.entry(ColumnType.BYTES, List.of(new byte[] {0}, new byte[] {0, 0})),
            Map.entry(ColumnType.DOUBLE, List.of(-0.5, 1e300)),
            Map.entry(ColumnType.BOOLEAN, List.of(false, true)),
            Map.entry(ColumnType.TEXT, List.of("a", "a\0")));
    for (Map.Entry<ColumnType, List<?>> each : values) {
      String parent = "p_" + each.getKey();
      String child = "c_" + each.getKey();
      db.createTable(TableDefinition.of(parent).column("id", each.getKey()).key("id"));
      db.createTable(
          TableDefinition.of(child)
              .column(Column.of("up", each.getKey()).references(parent, OnDelete.CASCADE))
              .column("n", ColumnType.INTEGER)
              .key("up", "n"));
      Object first = each.getValue().getFirst();
      Object second = each.getValue().getLast();
      assertThatThrownBy(() -> db.insert(child, Map.of("up", first, "n", 1)))
          .isInstanceOf(RelationalException.ForeignKeyMissing.class);
      db.insert(parent, Map.of("id", first));
      db.insert(parent, Map.of("id", second));
      for (int n = 0; n < 3; n++) {
        db.insert(child, Map.of("up", first, "n", n));
        db.insert(child, Map.of("up", second, "n", n));
      }
      assertThat(db.delete(parent, Where.eq("id", first))).isEqualTo(1);
      assertThat(db.select(child).where(Where.eq("up", first)).list()).isEmpty();
      assertThat(db.select(child).where(Where.eq("up", second)).list()).hasSize(3);
      assertThat(db.selectByKey(child, second, 2)).isPresent();
    }
  }
}
