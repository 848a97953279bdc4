package io.divan.record.relational;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Checks definitions of tables, and changes of them. */
final class DefinitionCheck {
  private static final int COLUMNS_MAX = 100;
  private static final int INDEX_COLUMNS_MAX = 32;
  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,62}");

  private DefinitionCheck() {}

  static void create(Catalog catalog, TableDefinition table) {
    require(table.version() == 1, "The version of the new table " + table.name() + " is not 1");
    check(catalog, table);
  }

  private static void check(Catalog catalog, TableDefinition table) {
    String of = " of table " + table.name();
    name("table", table.name());
    List<String> names = table.columnNames();
    require(
        !names.isEmpty() && names.size() <= COLUMNS_MAX,
        "Table " + table.name() + " has " + names.size() + " columns, not 1 to " + COLUMNS_MAX);
    names.forEach(each -> name("column", each));
    distinct("columns" + of, names);
    require(
        !names.contains(TableDefinition.ROW_ID),
        "The name " + TableDefinition.ROW_ID + " is that of the hidden key");
    distinct("key columns" + of, table.primaryKey());
    table.primaryKey().forEach(each -> column(table, each));
    distinct(
        "indexes and counters" + of,
        Stream.concat(
            table.indexes().stream().map(TableIndex::name),
            table.counters().stream().map(TableCounter::name))
            .toList());
    table.indexes().forEach(index -> index(table, index));
    table.counters().forEach(counter -> counter(table, counter));
    table.columns().forEach(column -> column(catalog, table, column));
  }

  private static void index(TableDefinition table, TableIndex index) {
    name("index", index.name());
    List<String> columns =
        Stream.concat(
            index.columns().stream().map(each -> each.field()), index.covering().stream())
            .toList();
    require(
        !index.columns().isEmpty() && columns.size() <= INDEX_COLUMNS_MAX,
        "Index " + index.name() + " has " + columns.size() + " columns, not 1 to "
            + INDEX_COLUMNS_MAX);
    distinct("columns of index " + index.name(), columns);
    columns.forEach(each -> column(table, each));
  }

  private static void counter(TableDefinition table, TableCounter counter) {
    name("counter", counter.name());
    require(
        counter.group().size() <= INDEX_COLUMNS_MAX
            && counter.sums().size() <= INDEX_COLUMNS_MAX
            && counter.group().size() + counter.sums().size() > 0,
        "Counter " + counter.name() + " has no columns, or more than " + INDEX_COLUMNS_MAX);
    distinct("columns of counter " + counter.name(), counter.group());
    distinct("sums of counter " + counter.name(), counter.sums());
    counter.group().forEach(each -> column(table, each));
    for (String each : counter.sums()) {
      column(table, each);
      Column column = table.find(each).orElseThrow();
      require(
          column.type() == ColumnType.INTEGER
              && (!column.nullable() || table.primaryKey().contains(each)),
          "Column " + each + " of table " + table.name()
              + " may be null or is no INTEGER, so a counter cannot sum it");
    }
  }

  private static void column(Catalog catalog, TableDefinition table, Column column) {
    column.defaultValue().ifPresent(
        value -> {
          if (!column.type().accepts(value)) {
            throw new RelationalException.WrongType(table.name(), column, value);
          }
        });
    column.references().ifPresent(
        reference -> {
          Table parent =
              reference.table().equals(table.name())
                  ? Table.create(1, table)
                  : catalog.require(reference.table());
          require(
              parent.key().size() == 1,
              "Column " + column.name() + " refers to table " + reference.table()
                  + ", whose key has several columns");
          require(
              parent.typeOf(parent.key().getFirst()) == column.type(),
              "Column " + column.name() + " is " + column.type() + "; the key of table "
                  + reference.table() + " is " + parent.typeOf(parent.key().getFirst()));
        });
  }

  static void alter(Catalog catalog, Table before, TableDefinition after) {
    TableDefinition old = before.definition();
    String of = " of table " + after.name();
    require(
        after.version() == old.version() + 1,
        "Table " + after.name() + " has version " + old.version() + "; a change has version "
            + (old.version() + 1) + ", not " + after.version());
    check(catalog, after);
    require(after.primaryKey().equals(old.primaryKey()), "The key" + of + " cannot change");
    for (TableCounter counter : after.counters()) {
      for (String each : counter.sums()) {
        require(
            !mayHoldNull(catalog, before, each),
            "Column " + each + of + " may still hold null, so a counter cannot sum it yet");
      }
    }
    for (Column column : after.columns()) {
      old.find(column.name()).ifPresentOrElse(
          same -> changed(after, same, column), () -> added(after, column));
    }
  }

  private static boolean mayHoldNull(Catalog catalog, Table before, String column) {
    return before.definition().find(column).map(Column::nullable).orElse(false)
        && !before.key().contains(column)
        || catalog.checks().stream().anyMatch(check -> check.isOf(before.number(), column));
  }

  private static void changed(TableDefinition table, Column before, Column after) {
    String column = "Column " + after.name() + " of table " + table.name();
    require(
        after.type() == before.type(),
        column + " is " + before.type() + "; add a column of the other type");
    require(
        after.references().isEmpty()
            || before.references().map(each -> each.table())
                .equals(after.references().map(each -> each.table())),
        column + " may hold values that refer to no row; add a column");
  }

  private static void added(TableDefinition table, Column column) {
    String of = "The new column " + column.name() + " of table " + table.name();
    require(
        column.nullable() || column.defaultValue().isPresent(),
        of + " has no value for existing rows: let it be null, or give it a default");
    require(
        column.references().isEmpty() || column.defaultValue().isEmpty(),
        of + " refers to a table, so it cannot have a default");
  }

  private static void column(TableDefinition table, String column) {
    if (table.find(column).isEmpty()) {
      throw new RelationalException.NoSuchColumn(table.name(), column);
    }
  }

  private static void name(String what, String name) {
    require(
        NAME.matcher(name).matches(),
        "The name '" + name + "' of a " + what
            + " is not a letter or underscore, then at most 62 letters, digits and underscores");
  }

  private static void distinct(String what, Collection<String> all) {
    Set<String> seen = new HashSet<>();
    all.forEach(each -> require(seen.add(each), each + " occurs twice in the " + what));
  }

  private static void require(boolean condition, String sentence) {
    if (!condition) {
      throw new RelationalException.Refused(sentence);
    }
  }
}
