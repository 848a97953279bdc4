package io.divan.record.relational;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.record.Index;
import io.divan.record.relational.ForeignKey.OnDelete;
import io.divan.storage.tuple.TupleWriter;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Random definitions of tables, conditions and changes, each for tables and for their model. */
final class ModelStatements {
  private final Random random;
  private final String suffix;
  private int names;

  private String name(String prefix) {
    return prefix + ++names + suffix;
  }

  /** Makes statements whose names end with a suffix. */
  ModelStatements(Random random, String suffix) {
    this.random = random;
    this.suffix = suffix;
  }

  /** A change of tables, and the same change of the model. */
  interface Statement {
    void run(Tx tx);

    void run(ModelRows model);
  }

  /** A condition on rows, and the same condition on the rows of the model. */
  record Condition(Where where, Predicate<Map<String, Object>> test, Set<String> columns) {
    static Condition of(String column, Where where, Predicate<Map<String, Object>> test) {
      return new Condition(where, test, Set.of(column));
    }

    /** Returns the condition of two that have a common one. */
    Condition with(Condition other, Where both, Predicate<Map<String, Object>> test) {
      return new Condition(
          both,
          test,
          Stream.concat(columns.stream(), other.columns.stream()).collect(Collectors.toSet()));
    }
  }

  Object value(ColumnType type) {
    int small = random.nextInt(6);
    return switch (type) {
      case BOOLEAN -> small > 2;
      case INTEGER ->
          random.nextInt(12) == 0 ? BigInteger.TWO.pow(70 + small).negate() : (Object) (small - 2L);
      case DOUBLE -> new double[] {-0.0, 0.0, 1.5, -1.5, 1e300, Double.NaN}[small];
      case TEXT -> new String[] {"", "a", "a\0", "a\0b", "b", "é"}[small];
      case BYTES -> new byte[] {(byte) (small - 2), 0, (byte) small};
    };
  }

  private ColumnType type() {
    return ColumnType.values()[random.nextInt(ColumnType.values().length)];
  }

  private <T> T any(List<T> all) {
    return all.get(random.nextInt(all.size()));
  }

  /** Returns a new table, which may refer to others and to itself. */
  TableDefinition table(String name, List<TableDefinition> others) {
    TableDefinition table = TableDefinition.of(name);
    int keys = random.nextInt(4) == 0 ? 0 : random.nextInt(3) == 0 ? 2 : 1;
    List<String> key = new ArrayList<>();
    for (int i = 0; i < keys; i++) {
      String column = name("k");
      table = table.column(Column.of(column, type()));
      key.add(column);
    }
    if (random.nextInt(5) == 0) {
      table = table.strictly();
    }
    table = table.key(key.toArray(String[]::new));
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      table = table.column(column(Stream.concat(others.stream(), Stream.of(table)).toList(), true));
    }
    for (int i = random.nextInt(3); i > 0; i--) {
      table = table.index(index(table, random.nextInt(3) == 0));
    }
    return random.nextInt(3) == 0 ? table.counter(counter(table)) : table;
  }

  private Column column(List<TableDefinition> parents, boolean fresh) {
    String name = name("c");
    List<TableDefinition> possible =
        parents.stream().filter(each -> each.primaryKey().size() == 1).toList();
    if (!possible.isEmpty() && random.nextInt(2) == 0) {
      TableDefinition parent = any(possible);
      ColumnType type = parent.find(parent.primaryKey().getFirst()).orElseThrow().type();
      return Column.of(name, type)
          .references(parent.name(), random.nextInt(3) > 0 ? OnDelete.CASCADE : OnDelete.RESTRICT);
    }
    Column column = Column.of(name, type());
    if (random.nextInt(3) == 0) {
      column = column.defaultsTo(value(column.type()));
    }
    return random.nextInt(3) == 0 && (fresh || column.defaultValue().isPresent())
        ? column.notNull()
        : column;
  }

  private TableIndex index(TableDefinition table, boolean unique) {
    List<String> columns = new ArrayList<>(table.columnNames());
    Collections.shuffle(columns, random);
    int size = 1 + random.nextInt(Math.min(2, columns.size()));
    TableIndex index =
        TableIndex.of(
            name("i"),
            columns.subList(0, size).stream()
                .map(each -> new Index.Column(each, random.nextInt(3) == 0))
                .toArray(Index.Column[]::new));
    if (columns.size() > size && random.nextBoolean()) {
      index = index.covers(columns.get(size));
    }
    return unique ? index.uniquely() : index;
  }

  private TableCounter counter(TableDefinition table) {
    List<String> columns = new ArrayList<>(table.columnNames());
    Collections.shuffle(columns, random);
    return TableCounter.of(
        name("n"),
        columns.subList(0, 1 + random.nextInt(Math.min(2, columns.size()))).toArray(String[]::new));
  }

  /** Returns a changed definition; {@code false} for {@code unique} adds no unique index. */
  TableDefinition altered(TableDefinition before, List<TableDefinition> parents) {
    TableDefinition after = before.version(before.version() + 1);
    switch (random.nextInt(6)) {
      case 0 -> after = after.column(column(parents, false));
      case 1 -> after = after.index(index(before, false));
      case 2 -> after = after.counter(counter(before));
      case 3 ->
          after =
              after
                  .indexes(before.indexes().stream().skip(1).toList())
                  .counters(before.counters().stream().skip(1).toList());
      case 4 -> after = without(after);
      default -> {
        int which = random.nextInt(after.columns().size());
        List<Column> columns = new ArrayList<>(after.columns());
        Column old = columns.get(which);
        columns.set(
            which,
            new Column(
                old.name(), old.type(), !old.nullable(), old.defaultValue(), old.references()));
        after = after.columns(columns);
      }
    }
    return withoutReferringDefaults(after);
  }

  /** Removes a column that is in no key; with it, its indexes and counters. */
  private TableDefinition without(TableDefinition table) {
    List<Column> free =
        table.columns().stream()
            .filter(column -> !table.primaryKey().contains(column.name()))
            .toList();
    if (free.isEmpty() || table.columns().size() == 1) {
      return table;
    }
    String name = any(free).name();
    return table
        .columns(table.columns().stream().filter(each -> !each.name().equals(name)).toList())
        .indexes(
            table.indexes().stream()
                .filter(index -> index.columns().stream().noneMatch(c -> c.field().equals(name)))
                .filter(index -> !index.covering().contains(name))
                .toList())
        .counters(
            table.counters().stream().filter(each -> !each.group().contains(name)).toList());
  }

  private static TableDefinition withoutReferringDefaults(TableDefinition table) {
    return table.columns(
        table.columns().stream()
            .map(
                column -> column.references().isPresent() && column.defaultValue().isPresent()
                    ? new Column(
                        column.name(), column.type(), column.nullable(), Optional.empty(),
                        column.references())
                    : column)
            .toList());
  }

  Condition condition(TableDefinition table) {
    Column column = any(table.columns());
    String name = column.name();
    Object value = value(column.type());
    return switch (random.nextInt(9)) {
      case 0 -> new Condition(Where.all(), row -> true, Set.of());
      case 1 -> Condition.of(name, Where.isNull(name), row -> !row.containsKey(name));
      case 2 -> compared(name, Where.lt(name, value), value, order -> order < 0);
      case 3 -> compared(name, Where.ge(name, value), value, order -> order >= 0);
      case 4 -> {
        Object other = value(column.type());
        yield Condition.of(
            name,
            Where.in(name, List.of(value, other)),
            row -> row.containsKey(name)
                && (compare(row.get(name), value) == 0 || compare(row.get(name), other) == 0));
      }
      case 5 -> {
        Condition left = condition(table);
        Condition right = condition(table);
        yield left.with(
            right, Where.and(left.where(), right.where()), left.test().and(right.test()));
      }
      case 6 -> {
        Condition left = condition(table);
        Condition right = condition(table);
        yield left.with(
            right, Where.or(left.where(), right.where()), left.test().or(right.test()));
      }
      case 7 -> compared(name, Where.not(Where.eq(name, value)), value, order -> order != 0);
      default -> compared(name, Where.eq(name, value), value, order -> order == 0);
    };
  }

  private static Condition compared(
      String name, Where where, Object value, java.util.function.IntPredicate order) {
    return Condition.of(
        name, where, row -> row.containsKey(name) && order.test(compare(row.get(name), value)));
  }

  static int compare(Object one, Object other) {
    return Arrays.compareUnsigned(TupleWriter.pack(one), TupleWriter.pack(other));
  }

  private Map<String, Object> values(List<Column> columns) {
    Map<String, Object> values = new HashMap<>();
    for (Column column : columns) {
      int kind = random.nextInt(12);
      if (kind == 0) {
        values.put(column.name(), null);
      } else if (kind > 1) {
        values.put(column.name(), value(column.type()));
      }
    }
    return values;
  }

  /** Returns a change of rows. */
  Statement change(TableDefinition table) {
    String name = table.name();
    return switch (random.nextInt(8)) {
      case 0 -> {
        Condition condition = condition(table);
        yield delete(name, condition);
      }
      case 1, 2 -> {
        Condition condition = condition(table);
        yield update(name, condition, values(List.of(any(table.columns()))));
      }
      case 3 -> insert(name, values(table.columns()), true);
      default -> insert(name, values(table.columns()), false);
    };
  }

  private static Statement delete(String name, Condition condition) {
    return new Statement() {
      private long done = -1;

      @Override
      public void run(Tx tx) {
        done = tx.delete(name, condition.where());
      }

      @Override
      public void run(ModelRows model) {
        long expected = model.delete(name, condition);
        assertThat(done < 0 ? expected : done).as("%s", this).isEqualTo(expected);
      }

      @Override
      public String toString() {
        return "delete " + name + " " + condition.where();
      }
    };
  }

  private static Statement update(
      String name, Condition condition, Map<String, Object> values) {
    return new Statement() {
      private long done = -1;

      @Override
      public void run(Tx tx) {
        done = tx.update(name, condition.where(), values);
      }

      @Override
      public void run(ModelRows model) {
        long expected = model.update(name, condition, values);
        assertThat(done < 0 ? expected : done).as("%s", this).isEqualTo(expected);
      }

      @Override
      public String toString() {
        return "update " + name + " " + values + " where " + condition.where();
      }
    };
  }

  private static Statement insert(String name, Map<String, Object> values, boolean replace) {
    return new Statement() {
      private Optional<Object> rowId = Optional.empty();

      @Override
      public void run(Tx tx) {
        Row row = replace ? tx.insertOrReplace(name, values) : tx.insert(name, values);
        rowId = row.get(TableDefinition.ROW_ID);
      }

      @Override
      public void run(ModelRows model) {
        model.insert(name, values, rowId, replace);
      }

      @Override
      public String toString() {
        return (replace ? "replace " : "insert ") + name + " " + values;
      }
    };
  }

  static Statement create(TableDefinition table) {
    return definition("create " + table, tx -> tx.createTable(table), model -> model.create(table));
  }

  static Statement alter(TableDefinition table) {
    return definition("alter " + table, tx -> tx.alterTable(table), model -> model.alter(table));
  }

  static Statement drop(String table) {
    return definition("drop " + table, tx -> tx.dropTable(table), model -> model.drop(table));
  }

  private static Statement definition(
      String text, Consumer<Tx> change, Consumer<ModelRows> same) {
    return new Statement() {
      @Override
      public void run(Tx tx) {
        change.accept(tx);
      }

      @Override
      public void run(ModelRows model) {
        same.accept(model);
      }

      @Override
      public String toString() {
        return text;
      }
    };
  }

  /** Returns a change of the definitions of tables. */
  Statement define(List<TableDefinition> tables, String fresh, int tablesMax) {
    if (tables.size() < 2 || tables.size() < tablesMax && random.nextInt(3) == 0) {
      return create(table(fresh, tables));
    }
    TableDefinition table = any(tables);
    return random.nextInt(4) == 0 ? drop(table.name()) : alter(altered(table, tables));
  }
}
