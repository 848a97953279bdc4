package io.divan.record;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** An index of a schema. It changes in the transaction of each record. */
public sealed interface Index {

  /** The name, unique within the schema. It may change. */
  String name();

  /** The names of the types of its records. */
  List<String> types();

  /** The names of the fields that determine its rows. */
  List<String> fields();

  /**
   * A column of a value index.
   *
   * @param field the field
   * @param descending whether greater values sort first
   */
  record Column(String field, boolean descending) {
    public static Column asc(String field) {
      return new Column(field, false);
    }

    public static Column desc(String field) {
      return new Column(field, true);
    }
  }

  /**
   * Rows in the order of columns. Null sorts first.
   *
   * @param type the type of its records
   * @param columns the columns
   * @param fanOut the one column whose field is an array: the index has a row for each distinct
   *     element, and none for a record without elements
   * @param unique whether no two records may have the same columns; columns with null never
   *     collide
   * @param sparse whether records in which a column is null are left out
   * @param covering more fields that a query can read from the index
   */
  record Value(
      String name,
      String type,
      List<Column> columns,
      Optional<String> fanOut,
      boolean unique,
      boolean sparse,
      List<String> covering)
      implements Index {
    public Value {
      columns = List.copyOf(columns);
      covering = List.copyOf(covering);
    }

    /** Adds fields that a query can read from the index. */
    public Value covers(String... more) {
      return new Value(name, type, columns, fanOut, unique, sparse, List.of(more));
    }

    /** Makes the index unique. */
    public Value uniquely() {
      return new Value(name, type, columns, fanOut, true, sparse, covering);
    }

    /** Leaves out records in which a column is null. */
    public Value sparsely() {
      return new Value(name, type, columns, fanOut, unique, true, covering);
    }

    /** Gives each element of this array column a row of its own. */
    public Value elements(String array) {
      return new Value(name, type, columns, Optional.of(array), unique, sparse, covering);
    }

    @Override
    public List<String> types() {
      return List.of(type);
    }

    @Override
    public List<String> fields() {
      return Stream.concat(columns.stream().map(Column::field), covering.stream()).toList();
    }
  }

  /**
   * The number of records of each group.
   *
   * @param group the fields that make a group; none for all records
   */
  record Count(String name, String type, List<String> group) implements Index {
    public Count {
      group = List.copyOf(group);
    }

    @Override
    public List<String> types() {
      return List.of(type);
    }

    @Override
    public List<String> fields() {
      return group;
    }
  }

  /**
   * The sum of an integer field over the records of each group. Sums have 64 bits and wrap around.
   *
   * @param field the field; null counts as 0
   * @param group the fields that make a group; none for all records
   */
  record Sum(String name, String type, String field, List<String> group) implements Index {
    public Sum {
      group = List.copyOf(group);
    }

    @Override
    public List<String> types() {
      return List.of(type);
    }

    @Override
    public List<String> fields() {
      return with(field, group);
    }
  }

  /**
   * The greatest or least value that a field ever had in each group, whatever is changed or
   * deleted later.
   *
   * @param field the field; null does not count
   * @param group the fields that make a group; none for all records
   * @param max whether the greatest value is kept; otherwise the least
   */
  record Ever(String name, String type, String field, List<String> group, boolean max)
      implements Index {
    public Ever {
      group = List.copyOf(group);
    }

    @Override
    public List<String> types() {
      return List.of(type);
    }

    @Override
    public List<String> fields() {
      return with(field, group);
    }
  }

  /**
   * A feed of changes in commit order; see {@link RecordFeed}.
   *
   * @param types the types of its records
   * @param history whether all changes of a record are kept; otherwise only the last one
   */
  record Versionstamp(String name, List<String> types, boolean history) implements Index {
    public Versionstamp {
      types = List.copyOf(types);
    }

    @Override
    public List<String> fields() {
      return List.of();
    }
  }

  /** Returns an index of ascending columns. */
  static Value value(String name, String type, String... fields) {
    return value(
        name, type, Arrays.stream(fields).map(Column::asc).toArray(Column[]::new));
  }

  /** Returns an index of columns. */
  static Value value(String name, String type, Column... columns) {
    return new Value(
        name, type, List.of(columns), Optional.empty(), false, false, List.of());
  }

  /** Returns an index of the number of records. */
  static Count count(String name, String type, String... group) {
    return new Count(name, type, List.of(group));
  }

  /** Returns an index of the sum of a field. */
  static Sum sum(String name, String type, String field, String... group) {
    return new Sum(name, type, field, List.of(group));
  }

  /** Returns an index of the greatest value that a field ever had. */
  static Ever maxEver(String name, String type, String field, String... group) {
    return new Ever(name, type, field, List.of(group), true);
  }

  /** Returns an index of the least value that a field ever had. */
  static Ever minEver(String name, String type, String field, String... group) {
    return new Ever(name, type, field, List.of(group), false);
  }

  /** Returns a feed of the last change of each record of these types. */
  static Versionstamp feed(String name, String... types) {
    return new Versionstamp(name, List.of(types), false);
  }

  private static List<String> with(String field, List<String> group) {
    List<String> all = new ArrayList<>(group);
    all.add(field);
    return all;
  }
}
