package io.divan.record.relational;

import io.divan.record.Field;
import io.divan.record.Index;
import io.divan.record.Key;
import io.divan.record.Rec;
import io.divan.record.RecordType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A table of the catalog.
 *
 * @param number the number of its type of records, never reused
 * @param nextField the number of the next new column
 * @param slots where its columns are in its records, by name
 */
record Table(int number, int nextField, TableDefinition definition, Map<String, Slot> slots) {
  /** The number of the hidden column of row ids. */
  private static final int ROW_ID_FIELD = 1;

  /**
   * The place of a column.
   *
   * @param field the number of the field, never reused within the table
   * @param initial the value in rows that were written before the column existed
   */
  record Slot(int field, Optional<Object> initial) {}

  /** Returns a new table. */
  static Table create(int number, TableDefinition definition) {
    int next = ROW_ID_FIELD + 1;
    Map<String, Slot> slots = new LinkedHashMap<>();
    for (Column column : definition.columns()) {
      slots.put(column.name(), new Slot(next++, Optional.empty()));
    }
    return new Table(number, next, definition, slots);
  }

  /** Returns this table with another definition; new columns get numbers. */
  Table alter(TableDefinition changed) {
    int next = nextField;
    Map<String, Slot> all = new LinkedHashMap<>();
    for (Column column : changed.columns()) {
      Slot slot = slots.get(column.name());
      all.put(column.name(), slot != null ? slot : new Slot(next++, column.defaultValue()));
    }
    return new Table(number, next, changed, all);
  }

  String name() {
    return definition.name();
  }

  boolean hasRowId() {
    return definition.primaryKey().isEmpty();
  }

  /** Returns the names of the columns of the key. */
  List<String> key() {
    return hasRowId() ? List.of(TableDefinition.ROW_ID) : definition.primaryKey();
  }

  Key key(Rec rec) {
    return new Key(key().stream().map(each -> rec.get(each).orElseThrow()).toList());
  }

  /** Returns the type of the records. */
  RecordType type() {
    RecordType type = RecordType.of(number, name()).codec(RowCodec.INSTANCE);
    if (hasRowId()) {
      type = type.field(ROW_ID_FIELD, TableDefinition.ROW_ID, ColumnType.INTEGER.field());
    }
    for (Column column : definition.columns()) {
      Slot slot = slot(column);
      type =
          type.field(
              new Field(slot.field(), column.name(), column.type().field(), slot.initial()));
    }
    return type.key(key().toArray(String[]::new));
  }

  Slot slot(Column column) {
    return Optional.ofNullable(slots.get(column.name())).orElseThrow();
  }

  /** Returns the name of the index that counts the rows; tables have no such index. */
  String counter() {
    return name() + ".#rows";
  }

  /** Returns the name of the index that counts the rows of a counter's groups. */
  String index(TableCounter counter) {
    return counter.group().isEmpty() ? counter() : name() + "." + counter.name();
  }

  /** Returns the name of the index that sums a column of a counter's groups. */
  String index(TableCounter counter, String column) {
    return name() + "." + counter.name() + "." + column;
  }

  /** Returns the indexes of the records. */
  List<Index> indexes() {
    List<Index> all = new ArrayList<>();
    all.add(Index.count(counter(), name()));
    for (TableIndex index : definition.indexes()) {
      all.add(
          new Index.Value(
              name() + "." + index.name(),
              name(),
              index.columns(),
              Optional.empty(),
              index.unique(),
              false,
              index.covering()));
    }
    for (TableCounter counter : definition.counters()) {
      if (!counter.group().isEmpty()) {
        all.add(new Index.Count(index(counter), name(), counter.group()));
      }
      for (String column : counter.sums()) {
        all.add(new Index.Sum(index(counter, column), name(), column, counter.group()));
      }
    }
    for (Column column : references()) {
      if (!isIndexed(column.name())) {
        all.add(Index.value(name() + ".#" + column.name(), name(), column.name()));
      }
    }
    return all;
  }

  private boolean isIndexed(String column) {
    return key().getFirst().equals(column)
        || definition.indexes().stream()
            .anyMatch(index -> index.columns().getFirst().field().equals(column));
  }

  /** Returns the columns that refer to tables. */
  List<Column> references() {
    return definition.columns().stream()
        .filter(column -> column.references().isPresent())
        .toList();
  }

  Row row(Rec rec) {
    return new Row(definition.columnNames(), rec);
  }

  /** Returns the record of a new row, without its row id. */
  Rec fill(Map<String, ?> values) {
    Rec rec = Rec.of(name());
    for (Column column : definition.columns()) {
      Object value =
          values.containsKey(column.name())
              ? values.get(column.name())
              : column.defaultValue().orElse(null);
      rec = with(rec, column, value);
    }
    values.keySet().forEach(this::column);
    return rec;
  }

  /** Returns a record with changed values. */
  Rec change(Rec rec, Map<String, ?> values) {
    Rec changed = rec;
    for (Map.Entry<String, ?> each : values.entrySet()) {
      changed = with(changed, column(each.getKey()), each.getValue());
    }
    return changed;
  }

  private Rec with(Rec rec, Column column, @Nullable Object value) {
    if (value == null) {
      if (!column.nullable() || key().contains(column.name())) {
        throw new RelationalException.NotNull(name(), column.name());
      }
    } else if (!column.type().accepts(value)) {
      throw new RelationalException.WrongType(name(), column, value);
    }
    return rec.with(column.name(), value);
  }

  Column column(String column) {
    return definition
        .find(column)
        .orElseThrow(() -> new RelationalException.NoSuchColumn(name(), column));
  }

  /** Returns the type of a column or of the row id. */
  ColumnType typeOf(String column) {
    return hasRowId() && column.equals(TableDefinition.ROW_ID)
        ? ColumnType.INTEGER
        : column(column).type();
  }
}
