package io.divan.record.relational;

import io.divan.record.FieldType;
import io.divan.record.Index;
import io.divan.record.Key;
import io.divan.record.Query;
import io.divan.record.ReadLimits;
import io.divan.record.Rec;
import io.divan.record.RecordReader;
import io.divan.record.RecordTransaction;
import io.divan.record.RecordType;
import io.divan.record.Results;
import io.divan.record.Schema;
import io.divan.record.relational.ForeignKey.OnDelete;
import io.divan.record.relational.Table.Slot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The records of the catalog, which have a record store of their own:
 *
 * <pre>
 * catalog (0)         version and next number
 * table (name)        a table: numbers, columns, key, indexes
 * sequence (number)   the next row id of a table
 * check (number, column)   a column that must not be null, until all rows are checked
 * </pre>
 */
final class CatalogRows {
  private static final String CATALOG = "catalog";
  private static final String TABLE = "table";
  private static final String SEQUENCE = "sequence";
  private static final String CHECK = "check";
  private static final Key ONLY = Key.of(0);

  static final Schema SCHEMA =
      Schema.version(2)
          .type(
              RecordType.of(1, CATALOG)
                  .field(1, "id", FieldType.INTEGER)
                  .field(2, "version", FieldType.INTEGER)
                  .field(3, "next", FieldType.INTEGER)
                  .key("id"))
          .type(
              RecordType.of(2, TABLE)
                  .field(1, "name", FieldType.TEXT)
                  .field(2, "number", FieldType.INTEGER)
                  .field(3, "next", FieldType.INTEGER)
                  .field(4, "version", FieldType.INTEGER)
                  .field(5, "columns", FieldType.TUPLE)
                  .field(6, "slots", FieldType.TUPLE)
                  .field(7, "key", FieldType.TUPLE)
                  .field(8, "indexes", FieldType.TUPLE)
                  .field(9, "strict", FieldType.BOOLEAN)
                  .field(10, "counters", FieldType.TUPLE)
                  .key("name"))
          .type(
              RecordType.of(3, SEQUENCE)
                  .field(1, "number", FieldType.INTEGER)
                  .field(2, "next", FieldType.INTEGER)
                  .key("number"))
          .type(
              RecordType.of(4, CHECK)
                  .field(1, "number", FieldType.INTEGER)
                  .field(2, "column", FieldType.TEXT)
                  .field(3, "position", FieldType.BYTES)
                  .field(4, "problem", FieldType.TEXT)
                  .key("number", "column"));

  private CatalogRows() {}

  /** Reads the catalog. */
  static Catalog read(RecordReader reader) {
    Optional<Rec> rec = reader.get(CATALOG, ONLY);
    if (rec.isEmpty()) {
      return Catalog.EMPTY;
    }
    Map<String, Table> tables = new LinkedHashMap<>();
    all(reader, TABLE).forEach(each -> tables.put(each.text("name"), table(each)));
    return new Catalog(
        (int) rec.get().number("version"),
        (int) rec.get().number("next"),
        tables,
        all(reader, CHECK).stream().map(CatalogRows::check).toList());
  }

  private static List<Rec> all(RecordReader reader, String type) {
    List<Rec> all = new ArrayList<>();
    Optional<byte[]> next = Optional.empty();
    do {
      Results page = reader.run(Query.of(type), ReadLimits.DEFAULT, next);
      all.addAll(page.records());
      next = page.continuation();
    } while (next.isPresent());
    return all;
  }

  private static Check check(Rec rec) {
    return new Check(
        (int) rec.number("number"),
        rec.text("column"),
        rec.get("position").map(byte[].class::cast),
        rec.get("problem").map(String.class::cast));
  }

  private static Key key(Check check) {
    return Key.of(check.table(), check.column());
  }

  /** Returns whether a column has a check. */
  static boolean hasCheck(RecordReader reader, Check check) {
    return reader.get(CHECK, key(check)).isPresent();
  }

  /** Writes a check, in place of one of the same column. */
  static void put(RecordTransaction transaction, Check check) {
    transaction.put(
        Rec.of(CHECK)
            .with("number", check.table())
            .with("column", check.column())
            .with("position", check.position().orElse(null))
            .with("problem", check.problem().orElse(null)));
  }

  /** Removes the check of a column. */
  static void remove(RecordTransaction transaction, Check check) {
    transaction.delete(CHECK, key(check));
  }

  /** Writes a catalog in the place of another one. */
  static void write(RecordTransaction transaction, Catalog before, Catalog after) {
    transaction.put(
        Rec.of(CATALOG)
            .with("id", 0)
            .with("version", after.version())
            .with("next", after.nextType()));
    after.tables().forEach(table -> transaction.put(record(table)));
    after.checks().stream()
        .filter(check -> before.checks().stream().noneMatch(check::isSame))
        .forEach(check -> put(transaction, check));
    before.checks().stream()
        .filter(check -> after.checks().stream().noneMatch(check::isSame))
        .forEach(check -> remove(transaction, check));
    for (Table table : before.tables()) {
      if (after.find(table.name()).isEmpty()) {
        transaction.delete(TABLE, Key.of(table.name()));
        transaction.delete(SEQUENCE, Key.of(table.number()));
      }
    }
  }

  /** Takes row ids of a table from its sequence, and returns the first. */
  static long take(RecordTransaction transaction, int table, int count) {
    long next =
        transaction.get(SEQUENCE, Key.of(table)).map(rec -> rec.number("next")).orElse(1L);
    transaction.put(
        Rec.of(SEQUENCE).with("number", table).with("next", Math.addExact(next, count)));
    return next;
  }

  /** Returns whether a table is defined so. */
  static boolean isSame(Table table, TableDefinition definition) {
    return definition(Rec.of(TABLE), definition)
        .equals(definition(Rec.of(TABLE), table.definition()));
  }

  private static Rec record(Table table) {
    return definition(Rec.of(TABLE), table.definition())
        .with("number", table.number())
        .with("next", table.nextField())
        .with(
            "slots",
            table.definition().columns().stream()
                .map(table::slot)
                .map(slot -> list(slot.field(), slot.initial().orElse(null)))
                .toList());
  }

  private static Rec definition(Rec rec, TableDefinition definition) {
    return rec.with("name", definition.name())
        .with("version", definition.version())
        .with("columns", definition.columns().stream().map(CatalogRows::column).toList())
        .with("key", definition.primaryKey())
        .with("indexes", definition.indexes().stream().map(CatalogRows::index).toList())
        .with("counters", definition.counters().stream().map(CatalogRows::counter).toList())
        .with("strict", definition.strictRowIds());
  }

  private static List<@Nullable Object> column(Column column) {
    return list(
        column.name(),
        column.type().name(),
        column.nullable(),
        column.defaultValue().orElse(null),
        column.references().map(ForeignKey::table).orElse(null),
        column.references().map(each -> each.onDelete().name()).orElse(null));
  }

  private static List<@Nullable Object> index(TableIndex index) {
    return list(
        index.name(),
        index.columns().stream().map(each -> list(each.field(), each.descending())).toList(),
        index.unique(),
        index.covering());
  }

  private static List<@Nullable Object> counter(TableCounter counter) {
    return list(counter.name(), counter.group(), counter.sums());
  }

  private static List<@Nullable Object> list(@Nullable Object... elements) {
    return Arrays.asList(elements);
  }

  private static Table table(Rec rec) {
    List<Column> columns = new ArrayList<>();
    Map<String, Slot> slots = new LinkedHashMap<>();
    List<?> stored = elements(rec.get("columns"));
    List<?> places = elements(rec.get("slots"));
    for (int i = 0; i < stored.size(); i++) {
      Column column = column(elements(stored.get(i)));
      List<?> place = elements(places.get(i));
      columns.add(column);
      slots.put(
          column.name(),
          new Slot(
              Math.toIntExact((Long) place.getFirst()), Optional.ofNullable(place.get(1))));
    }
    TableDefinition definition =
        new TableDefinition(
            rec.text("name"),
            (int) rec.number("version"),
            columns,
            texts(elements(rec.get("key"))),
            elements(rec.get("indexes")).stream()
                .map(each -> tableIndex(elements(each)))
                .toList(),
            elements(rec.get("counters")).stream()
                .map(each -> tableCounter(elements(each)))
                .toList(),
            (Boolean) rec.get("strict").orElseThrow());
    return new Table((int) rec.number("number"), (int) rec.number("next"), definition, slots);
  }

  private static Column column(List<?> stored) {
    Optional<ForeignKey> references = Optional.empty();
    if (stored.get(4) instanceof String table && stored.get(5) instanceof String onDelete) {
      references = Optional.of(new ForeignKey(table, OnDelete.valueOf(onDelete)));
    }
    return new Column(
        (String) stored.get(0),
        ColumnType.valueOf((String) stored.get(1)),
        (Boolean) stored.get(2),
        Optional.ofNullable(stored.get(3)),
        references);
  }

  private static TableIndex tableIndex(List<?> stored) {
    List<Index.Column> columns = new ArrayList<>();
    for (Object each : elements(stored.get(1))) {
      List<?> column = elements(each);
      columns.add(new Index.Column((String) column.get(0), (Boolean) column.get(1)));
    }
    return new TableIndex(
        (String) stored.get(0), columns, (Boolean) stored.get(2), texts(elements(stored.get(3))));
  }

  private static TableCounter tableCounter(List<?> stored) {
    return new TableCounter(
        (String) stored.get(0), texts(elements(stored.get(1))), texts(elements(stored.get(2))));
  }

  private static List<?> elements(Optional<Object> value) {
    return elements(value.orElse(List.of()));
  }

  private static List<?> elements(Object value) {
    return (List<?>) value;
  }

  private static List<String> texts(List<?> all) {
    return all.stream().map(String.class::cast).toList();
  }
}
