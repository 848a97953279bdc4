package io.divan.record.relational;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.record.relational.ForeignKey.OnDelete;
import io.divan.storage.ForwardingStore;
import io.divan.storage.ReadTransaction;
import io.divan.storage.Store;
import io.divan.storage.WriteTransaction;
import io.divan.storage.Written;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Changes of definitions: within transactions, while other instances work, and NOT NULL. */
class DefinitionsTest extends TablesFixture {
  private static final TableDefinition USERS =
      TableDefinition.of("users")
          .column("id", ColumnType.INTEGER)
          .column("city", ColumnType.TEXT)
          .key("id");

  private static final TableDefinition POSTS =
      TableDefinition.of("posts")
          .column("text", ColumnType.TEXT)
          .column(Column.of("author", ColumnType.INTEGER).references("users", OnDelete.CASCADE));

  @Test
  void transaction_definesAndFillsTables() {
    RelationalDatabase other = RelationalDatabase.open(store, "test");
    long posts =
        db.transaction(
            tx -> {
              tx.createTable(USERS);
              tx.insert("users", Map.of("id", 1, "city", "Paris"));
              tx.createTable(POSTS);
              tx.insert("posts", Map.of("text", "a", "author", 1));
              tx.insert("posts", Map.of("text", "b", "author", 1));
              tx.alterTable(USERS.version(2).index(TableIndex.of("city", "city")));
              tx.insert("users", Map.of("id", 2, "city", "Oslo"));
              assertThat(tx.select("users").where(Where.eq("city", "Oslo")).list()).hasSize(1);
              tx.delete("users", Where.eq("id", 2));
              return tx.count("posts");
            });
    assertThat(posts).isEqualTo(2);
    assertThat(other.select("posts").join("users", Join.on("author", "id"))).hasSize(2);
    while (db.maintain()) {
      // until the index is built
    }
    Selection inParis = other.select("users").where(Where.eq("city", "Paris"));
    assertThat(inParis.explain()).startsWith("index users.city");
    assertThat(inParis.list()).hasSize(1);
    other.transaction(
        tx -> {
          tx.dropTable("posts");
          assertThatThrownBy(() -> tx.select("posts"))
              .isInstanceOf(RelationalException.NoSuchTable.class);
          tx.createTable(TableDefinition.of("posts").column("n", ColumnType.INTEGER));
          tx.insert("posts", Map.of("n", 7));
          return true;
        });
    assertThat(db.select("posts").list().stream().map(row -> row.integer("n")))
        .containsExactly(7L);
  }

  @Test
  void transaction_rollsBackDefinitionsAndRows() {
    db.createTable(USERS);
    db.insert("users", Map.of("id", 1, "city", "Paris"));
    assertThatThrownBy(
        () -> db.transaction(
            tx -> {
              tx.createTable(POSTS);
              tx.insert("posts", Map.of("text", "a", "author", 1));
              tx.alterTable(USERS.version(2).column("mail", ColumnType.TEXT));
              tx.update("users", Where.all(), Map.of("mail", "m", "city", "Rome"));
              throw new IllegalStateException("stop");
            }))
        .hasMessage("stop");
    assertThat(db.tables()).containsExactly(USERS);
    assertThat(db.selectByKey("users", 1).orElseThrow().text("city")).isEqualTo("Paris");
    assertThatThrownBy(
        () -> db.transaction(
            tx -> {
              tx.update("users", Where.all(), Map.of("city", "Rome"));
              tx.createTable(USERS.column("more", ColumnType.TEXT));
              return true;
            }))
        .isInstanceOf(RelationalException.TableExists.class);
    assertThat(db.selectByKey("users", 1).orElseThrow().text("city")).isEqualTo("Paris");
  }

  private static TableDefinition cityNotNull(int version) {
    return USERS.version(version)
        .columns(List.of(USERS.columns().getFirst(), USERS.columns().getLast().notNull()));
  }

  @Test
  void notNull_isCheckedInTheBackground() {
    db.createTable(USERS);
    for (int i = 0; i < 12_000; i += 4_000) {
      int from = i;
      db.transaction(
          tx -> {
            for (int id = from; id < from + 4_000; id++) {
              tx.insert("users", Map.of("id", id, "city", "c"));
            }
            return true;
          });
    }
    db.insert("users", Map.of("id", 30_000));
    db.alterTable(cityNotNull(2));
    assertThat(db.checks()).extracting(NullCheck::column).containsExactly("city");
    assertThatThrownBy(() -> db.insert("users", Map.of("id", 30_001)))
        .isInstanceOf(RelationalException.NotNull.class);
    assertThatThrownBy(
        () -> db.alterTable(
            cityNotNull(3)
                .column(Column.of("n", ColumnType.INTEGER))
                .counter(TableCounter.of("n").sums("n"))))
        .isInstanceOf(RelationalException.Refused.class);
    assertThat(db.maintain()).isTrue();
    assertThat(db.checks().getFirst().problem()).isEmpty();
    RelationalDatabase other = RelationalDatabase.open(store, "test"); // goes on after a crash
    int steps = 0;
    while (other.maintain()) {
      steps++;
    }
    assertThat(steps).isEqualTo(1);
    assertThat(db.checks().getFirst().problem().orElseThrow())
        .isEqualTo(
            "Column city of table users is null in the row with the key [30000]. Change all such"
                + " rows, then check again");
    db.update("users", Where.isNull("city"), Map.of("city", "late"));
    assertThat(db.maintain()).isFalse();
    db.recheck("users", "city");
    while (db.maintain()) {
      // until the rows are checked
    }
    assertThat(db.checks()).isEmpty();
  }

  @Test
  void notNull_takenBack_orDropped_needsNoCheck() {
    db.createTable(USERS);
    db.insert("users", Map.of("id", 1));
    db.alterTable(cityNotNull(2));
    db.alterTable(USERS.version(3));
    assertThat(db.checks()).isEmpty();
    db.insert("users", Map.of("id", 2));
    db.alterTable(cityNotNull(4));
    assertThat(db.checks()).hasSize(1);
    db.dropTable("users");
    assertThat(db.checks()).isEmpty();
    while (db.maintain()) {
      // until the rows are removed
    }
  }

  /** Runs work before one of its transactions. */
  private static final class InterruptedStore extends ForwardingStore {
    private Runnable work = () -> {};
    private int left = -1;

    InterruptedStore(Store store) {
      super(store);
    }

    void before(int transaction, Runnable other) {
      left = transaction;
      work = other;
    }

    private void count() {
      if (left-- == 0) {
        work.run();
      }
    }

    @Override
    public <T> T read(Function<ReadTransaction, T> reads) {
      count();
      return super.read(reads);
    }

    @Override
    public <T> Written<T> write(Function<WriteTransaction, T> writes) {
      count();
      return super.write(writes);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"drop index", "drop table", "drop index and clear", "add column"})
  void maintain_whileAnotherInstanceChangesTheTable(String change) {
    TableDefinition indexed = USERS.version(2).index(TableIndex.of("city", "city"));
    for (int at = 0; at < 8; at++) {
      RelationalDatabase other = RelationalDatabase.open(store, "db" + at);
      InterruptedStore interrupted = new InterruptedStore(store);
      RelationalDatabase old = RelationalDatabase.open(interrupted, "db" + at);
      other.createTable(USERS);
      other.transaction(
          tx -> {
            for (int i = 0; i < 520; i++) {
              tx.insert("users", Map.of("id", i, "city", "c" + i % 5));
            }
            return true;
          });
      other.alterTable(indexed);
      old.select("users").list();
      interrupted.before(
          at,
          () -> {
            switch (change) {
              case "drop table" -> other.dropTable("users");
              case "add column" -> other.alterTable(
                  indexed.version(3).column("more", ColumnType.TEXT));
              default -> other.alterTable(USERS.version(3));
            }
            while (change.endsWith("clear") && other.maintain()) {
              // until all rows are removed
            }
          });
      while (old.maintain()) {
        // until there is no more to do
      }
      assertThat(old.tables()).isEqualTo(other.tables());
      if (!change.equals("drop table")) {
        assertThat(old.select("users").where(Where.eq("city", "c1")).list()).hasSize(104);
      }
    }
  }
}
