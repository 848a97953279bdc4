package io.divan.redb;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/** The expected content of a database: tables by name, with encoded rows. */
final class Model {

  /** The types and rows of a table. */
  static final class Rows {
    final ColumnType<?> key;
    final ColumnType<?> value;
    final NavigableMap<byte[], byte[]> map;

    Rows(ColumnType<?> key, ColumnType<?> value) {
      this.key = key;
      this.value = value;
      map = new TreeMap<>(order(key));
    }

    private Rows(Rows other) {
      key = other.key;
      value = other.value;
      map = new TreeMap<>(other.map);
    }

    TableDefinition<?, ?> definition(String name) {
      return new TableDefinition<>(name, key, value);
    }

    /** Returns a live view of the rows in a range. */
    NavigableMap<byte[], byte[]> range(Optional<byte[]> from, Optional<byte[]> to) {
      NavigableMap<byte[], byte[]> part = map;
      if (from.isPresent()) {
        part = part.tailMap(from.get(), true);
      }
      return to.isPresent() ? part.headMap(to.get(), false) : part;
    }

    /** Describes the first difference of a table, if there is one. */
    Optional<String> difference(BytesTable<?, ?> table) {
      if (table.length() != map.size()) {
        return Optional.of("length " + table.length() + " instead of " + map.size());
      }
      return difference(table, Optional.empty(), Optional.empty(), false);
    }

    /** Describes the first difference of a range of a table, if there is one. */
    Optional<String> difference(
        BytesTable<?, ?> table, Optional<byte[]> from, Optional<byte[]> to, boolean reverse) {
      NavigableMap<byte[], byte[]> rows = range(from, to);
      RowCursor<?, ?> cursor = table.range(from, to, reverse);
      for (Map.Entry<byte[], byte[]> row : (reverse ? rows.descendingMap() : rows).entrySet()) {
        if (!cursor.next()) {
          return Optional.of("no row instead of the row " + text(row.getKey()));
        }
        if (!same(row.getKey(), cursor.keyArray(), cursor.keyOffset(), cursor.keyLength())) {
          return Optional.of(
              "row " + text(key(cursor)) + " instead of " + text(row.getKey()));
        }
        byte[] wanted = row.getValue();
        if (!same(wanted, cursor.valueArray(), cursor.valueOffset(), cursor.valueLength())) {
          return Optional.of(
              "another value, of %d bytes instead of %d, in the row %s"
                  .formatted(cursor.valueLength(), wanted.length, text(row.getKey())));
        }
      }
      return cursor.next()
          ? Optional.of("row " + text(key(cursor)) + " too many")
          : Optional.empty();
    }

    private static byte[] key(RowCursor<?, ?> cursor) {
      int from = cursor.keyOffset();
      return Arrays.copyOfRange(cursor.keyArray(), from, from + cursor.keyLength());
    }

    private static boolean same(byte[] wanted, byte[] array, int offset, int length) {
      return Arrays.equals(wanted, 0, wanted.length, array, offset, offset + length);
    }
  }

  final NavigableMap<String, Rows> tables = new TreeMap<>();

  Model copy() {
    Model copy = new Model();
    tables.forEach((name, rows) -> copy.tables.put(name, new Rows(rows)));
    return copy;
  }

  /** Describes the first difference of a snapshot, if there is one. */
  Optional<String> difference(ReadTxn read) {
    List<TableInfo> found = read.tables();
    List<TableInfo> wanted = infos();
    if (!found.equals(wanted)) {
      return Optional.of("tables " + found + " instead of " + wanted);
    }
    for (Map.Entry<String, Rows> table : tables.entrySet()) {
      TableDefinition<?, ?> definition = table.getValue().definition(table.getKey());
      Optional<String> difference =
          table.getValue().difference(BytesTable.open(read, definition));
      if (difference.isPresent()) {
        return difference.map(text -> table.getKey() + ": " + text);
      }
    }
    return Optional.empty();
  }

  List<TableInfo> infos() {
    return tables.entrySet().stream()
        .map(
            table -> {
              Rows rows = table.getValue();
              return new TableInfo(
                  table.getKey(), rows.key.name(), rows.value.name(), rows.map.size());
            })
        .toList();
  }

  /** Returns the model that a database equals; fails if it equals none of them. */
  static Model found(List<Model> allowed, Redb database) {
    StringBuilder differences = new StringBuilder();
    try (ReadTxn read = database.beginRead()) {
      for (Model model : allowed) {
        Optional<String> difference = model.difference(read);
        if (difference.isEmpty()) {
          return model;
        }
        differences.append("; ").append(difference.get());
      }
    }
    throw new AssertionError(
        "differs from all " + allowed.size() + " allowed states" + differences);
  }

  static String text(byte[] bytes) {
    String start = HexFormat.of().formatHex(bytes, 0, Math.min(20, bytes.length));
    return start + (bytes.length > 20 ? "... of " + bytes.length : "");
  }

  private static Comparator<byte[]> order(ColumnType<?> type) {
    if (type != ColumnType.U64) {
      return Arrays::compareUnsigned;
    }
    return (a, b) -> Long.compareUnsigned(ColumnType.U64.decode(a, 0, 8), ColumnType.U64.decode(b,
        0, 8));
  }
}
