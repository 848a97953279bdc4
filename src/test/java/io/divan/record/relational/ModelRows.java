package io.divan.record.relational;

import io.divan.record.relational.ForeignKey.OnDelete;
import io.divan.record.relational.ModelStatements.Condition;
import io.divan.storage.tuple.TupleWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Tables as plain maps, with the rules that tables must keep. */
final class ModelRows {

  /** A change is not allowed. */
  static final class Refused extends RuntimeException {
    Refused(String message) {
      super(message);
    }
  }

  /** A table: its definition, and its rows by their encoded keys. */
  record ModelTable(TableDefinition definition, TreeMap<String, Map<String, Object>> rows) {
    List<String> key() {
      return definition.primaryKey().isEmpty()
          ? List.of(TableDefinition.ROW_ID)
          : definition.primaryKey();
    }

    String key(Map<String, Object> row) {
      return encode(key(), row);
    }

    private ModelTable copy() {
      return new ModelTable(definition, new TreeMap<>(rows));
    }
  }

  final Map<String, ModelTable> tables = new TreeMap<>();

  /** Whether two rows had the same columns of a unique index at some time. */
  boolean collided;

  static String encode(List<String> columns, Map<String, Object> row) {
    @Nullable Object[] values = columns.stream().map(row::get).toArray();
    return HexFormat.of().formatHex(TupleWriter.pack(values));
  }

  ModelRows copy() {
    ModelRows copy = new ModelRows();
    tables.forEach((name, table) -> copy.tables.put(name, table.copy()));
    return copy;
  }

  ModelTable table(String name) {
    return Optional.ofNullable(tables.get(name)).orElseThrow(() -> new Refused("no table " + name));
  }

  void create(TableDefinition definition) {
    for (Column column : definition.columns()) {
      column.references()
          .filter(each -> !each.table().equals(definition.name()))
          .ifPresent(each -> table(each.table()));
    }
    ModelTable existing =
        tables.putIfAbsent(definition.name(), new ModelTable(definition, new TreeMap<>()));
    if (existing != null && !existing.definition().equals(definition)) {
      throw new Refused("exists");
    }
  }

  void drop(String name) {
    table(name);
    for (ModelTable each : tables.values()) {
      boolean refers =
          each.definition().columns().stream()
              .anyMatch(column -> column.references().filter(to -> to.table().equals(name))
                  .isPresent());
      if (refers && !each.definition().name().equals(name)) {
        throw new Refused("referenced");
      }
    }
    tables.remove(name);
  }

  void alter(TableDefinition after) {
    ModelTable table = table(after.name());
    if (after.equals(table.definition())) {
      return;
    }
    if (after.version() != table.definition().version() + 1) {
      throw new Refused("version");
    }
    TreeMap<String, Map<String, Object>> rows = new TreeMap<>();
    table.rows().forEach(
        (key, row) -> {
          Map<String, Object> changed = new HashMap<>();
          Optional.ofNullable(row.get(TableDefinition.ROW_ID))
              .ifPresent(id -> changed.put(TableDefinition.ROW_ID, id));
          for (Column column : after.columns()) {
            if (table.definition().find(column.name()).isPresent()) {
              Optional.ofNullable(row.get(column.name()))
                  .ifPresent(value -> changed.put(column.name(), value));
            } else {
              column.defaultValue().ifPresent(value -> changed.put(column.name(), value));
            }
          }
          rows.put(key, changed);
        });
    tables.put(after.name(), new ModelTable(after, rows));
  }

  void insert(String name, Map<String, Object> values, Optional<Object> rowId, boolean replace) {
    ModelTable table = table(name);
    Map<String, Object> row = new HashMap<>();
    for (Column column : table.definition().columns()) {
      Object value =
          values.containsKey(column.name())
              ? values.get(column.name())
              : column.defaultValue().orElse(null);
      set(table, row, column, value);
    }
    requireColumns(table, values);
    rowId.ifPresent(id -> row.put(TableDefinition.ROW_ID, id));
    put(table, row, replace);
    requireParents(table, List.of(row), table.definition().columnNames());
  }

  private static void requireColumns(ModelTable table, Map<String, Object> values) {
    if (!table.definition().columnNames().containsAll(values.keySet())) {
      throw new Refused("no such column");
    }
  }

  private static void set(
      ModelTable table, Map<String, Object> row, Column column, @Nullable Object value) {
    if (value == null) {
      if (!column.nullable() || table.key().contains(column.name())) {
        throw new Refused("null");
      }
      row.remove(column.name());
    } else {
      if (!column.type().accepts(value)) {
        throw new Refused("type");
      }
      row.put(column.name(), value);
    }
  }

  private void put(ModelTable table, Map<String, Object> row, boolean replace) {
    if (table.rows().containsKey(table.key(row)) && !replace) {
      throw new Refused("duplicate");
    }
    table.rows().put(table.key(row), row);
    collided |= !isUnique(table);
  }

  /** Returns whether no two rows have the same columns of a unique index. */
  static boolean isUnique(ModelTable table) {
    for (TableIndex index : table.definition().indexes()) {
      if (index.unique()) {
        Set<String> seen = new HashSet<>();
        List<String> columns = index.columns().stream().map(each -> each.field()).toList();
        for (Map<String, Object> row : table.rows().values()) {
          if (row.keySet().containsAll(columns) && !seen.add(encode(columns, row))) {
            return false;
          }
        }
      }
    }
    return true;
  }

  private void requireParents(
      ModelTable table, List<Map<String, Object>> rows, List<String> columns) {
    for (Column column : table.definition().columns()) {
      if (column.references().isPresent() && columns.contains(column.name())) {
        ModelTable parent = table(column.references().get().table());
        for (Map<String, Object> row : rows) {
          if (row.containsKey(column.name())
              && !parent.rows().containsKey(encode(List.of(column.name()), row))) {
            throw new Refused("no parent");
          }
        }
      }
    }
  }

  List<Map<String, Object>> find(String name, Condition where) {
    if (!table(name).definition().columnNames().containsAll(where.columns())) {
      throw new Refused("no such column");
    }
    return table(name).rows().values().stream().filter(where.test()).toList();
  }

  long update(String name, Condition where, Map<String, Object> values) {
    ModelTable table = table(name);
    List<Map<String, Object>> before = find(name, where);
    List<Map<String, Object>> after = new ArrayList<>();
    for (Map<String, Object> row : before) {
      Map<String, Object> changed = new HashMap<>(row);
      values.forEach(
          (column, value) -> set(
              table,
              changed,
              table.definition().find(column).orElseThrow(() -> new Refused("column")),
              value));
      after.add(changed);
    }
    List<Map<String, Object>> moved = new ArrayList<>();
    List<Map<String, Object>> arrived = new ArrayList<>();
    for (int i = 0; i < before.size(); i++) {
      if (table.key(before.get(i)).equals(table.key(after.get(i)))) {
        put(table, after.get(i), true);
      } else {
        moved.add(before.get(i));
        arrived.add(after.get(i));
      }
    }
    if (children(table, moved, Optional.empty()).findAny().isPresent()) {
      throw new Refused("referenced");
    }
    moved.forEach(row -> table.rows().remove(table.key(row)));
    arrived.forEach(row -> put(table, row, false));
    requireParents(table, after, List.copyOf(values.keySet()));
    return before.size();
  }

  private record Child(ModelTable table, Map<String, Object> row) {}

  private java.util.stream.Stream<Child> children(
      ModelTable parent, List<Map<String, Object>> rows, Optional<OnDelete> onDelete) {
    Set<String> keys = new HashSet<>();
    rows.forEach(row -> keys.add(parent.key(row)));
    return tables.values().stream()
        .flatMap(
            table -> table.definition().columns().stream()
                .filter(
                    column -> column.references()
                        .filter(to -> to.table().equals(parent.definition().name()))
                        .filter(to -> onDelete.isEmpty() || to.onDelete() == onDelete.get())
                        .isPresent())
                .flatMap(
                    column -> table.rows().values().stream()
                        .filter(row -> row.containsKey(column.name()))
                        .filter(row -> keys.contains(encode(List.of(column.name()), row)))
                        .map(row -> new Child(table, row))));
  }

  long delete(String name, Condition where) {
    ModelTable table = table(name);
    List<Map<String, Object>> rows = find(name, where);
    Map<String, Map<String, Map<String, Object>>> doomed = new TreeMap<>();
    List<Child> level = rows.stream().map(row -> new Child(table, row)).toList();
    while (!level.isEmpty()) {
      List<Child> next = new ArrayList<>();
      for (Child each : level) {
        String of = each.table().definition().name();
        boolean fresh =
            doomed.computeIfAbsent(of, none -> new HashMap<>())
                .put(each.table().key(each.row()), each.row()) == null;
        if (fresh) {
          children(each.table(), List.of(each.row()), Optional.of(OnDelete.CASCADE))
              .forEach(next::add);
        }
      }
      level = next;
    }
    doomed.forEach(
        (of, all) -> children(table(of), List.copyOf(all.values()), Optional.of(OnDelete.RESTRICT))
            .filter(
                child -> !doomed
                    .getOrDefault(child.table().definition().name(), Map.of())
                    .containsKey(child.table().key(child.row())))
            .findAny()
            .ifPresent(
                child -> {
                  throw new Refused("still referenced");
                }));
    doomed.forEach((of, all) -> table(of).rows().keySet().removeAll(all.keySet()));
    return rows.size();
  }

  /** Returns rows as text, from which each value can be told. */
  static String text(Map<String, Object> row) {
    Map<String, String> words = new TreeMap<>();
    row.forEach(
        (column, value) -> words.put(
            column,
            value instanceof byte[] bytes ? Arrays.toString(bytes) : value.toString()));
    return words.toString();
  }
}
