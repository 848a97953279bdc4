package io.divan.record.relational;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.record.relational.ModelRows.ModelTable;
import io.divan.record.relational.ModelStatements.Condition;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Compares tables with their model, by all ways to read them. */
record ModelComparison(
    RelationalDatabase db, ModelRows model, ModelStatements statements, Random random) {

  void compare() {
    assertThat(db.tables())
        .containsExactlyInAnyOrderElementsOf(
            model.tables.values().stream().map(ModelTable::definition).toList());
    for (ModelTable table : model.tables.values()) {
      String name = table.definition().name();
      assertThat(texts(table, db.select(name).list()))
          .as("%s", table.definition())
          .isEqualTo(table.rows().values().stream().map(ModelRows::text).toList());
      assertThat(db.select(name).count()).isEqualTo(table.rows().size());
      for (int i = 0; i < 3; i++) {
        condition(table);
      }
      groups(table);
      pages(table);
      join(table);
    }
  }

  /** Builds indexes and checks columns to the end; compares the outcome with the model. */
  static void maintain(List<RelationalDatabase> instances, ModelRows model) {
    RelationalDatabase first = instances.getFirst();
    first.checks().forEach(check -> first.recheck(check.table(), check.column()));
    int turn = 0;
    while (instances.get(turn++ % instances.size()).maintain()) {
      // until there is no more to do
    }
    List<String> nulls = new ArrayList<>();
    for (ModelTable table : model.tables.values()) {
      for (Column column : table.definition().columns()) {
        boolean isNull =
            table.rows().values().stream().anyMatch(row -> !row.containsKey(column.name()));
        if (isNull && !column.nullable()) {
          nulls.add(table.definition().name() + "." + column.name());
        }
      }
    }
    assertThat(first.checks())
        .allMatch(check -> check.problem().isPresent())
        .extracting(check -> check.table() + "." + check.column())
        .containsExactlyInAnyOrderElementsOf(nulls);
  }

  private static List<String> texts(ModelTable table, Collection<Row> rows) {
    List<String> texts = new ArrayList<>();
    for (Row row : rows) {
      Map<String, Object> values = new TreeMap<>(Rewrite.values(row));
      if (row.columns().equals(table.definition().columnNames())) {
        row.get(TableDefinition.ROW_ID)
            .ifPresent(id -> values.put(TableDefinition.ROW_ID, id));
      }
      texts.add(ModelRows.text(values));
    }
    return texts;
  }

  private List<String> some(ModelTable table) {
    List<String> columns = new ArrayList<>(table.definition().columnNames());
    Collections.shuffle(columns, random);
    return columns.subList(0, 1 + random.nextInt(Math.min(2, columns.size())));
  }

  private void condition(ModelTable table) {
    String name = table.definition().name();
    Condition condition = statements.condition(table.definition());
    List<Map<String, Object>> expected = model.find(name, condition);
    Selection found = db.select(name).where(condition.where());
    assertThat(texts(table, found.list()))
        .as("%s of %s", condition.where(), table.definition())
        .containsExactlyInAnyOrderElementsOf(expected.stream().map(ModelRows::text).toList());
    assertThat(found.count()).as("%s", condition.where()).isEqualTo(expected.size());
    List<String> order = some(table);
    Comparator<Map<String, Object>> by = comparator(order);
    boolean descending = random.nextBoolean();
    Selection ordered = found.orderBy(order.toArray(String[]::new));
    List<Row> sorted = (descending ? ordered.descending() : ordered).list();
    assertThat(texts(table, sorted))
        .containsExactlyInAnyOrderElementsOf(expected.stream().map(ModelRows::text).toList());
    assertThat(sorted.stream().map(row -> projected(order, Rewrite.values(row))))
        .isSortedAccordingTo(descending ? by.reversed() : by);
    List<String> columns = some(table);
    assertThat(texts(table, found.columns(columns.toArray(String[]::new)).list()))
        .containsExactlyInAnyOrderElementsOf(
            expected.stream().map(row -> ModelRows.text(projected(columns, row))).toList());
    TreeSet<String> distinct = new TreeSet<>();
    expected.forEach(row -> distinct.add(ModelRows.text(projected(columns, row))));
    assertThat(texts(table, found.distinct(columns.toArray(String[]::new))))
        .as("%s where %s in %s", columns, condition.where(), table.definition())
        .containsExactlyInAnyOrderElementsOf(distinct);
  }

  private static Comparator<Map<String, Object>> comparator(List<String> columns) {
    return Comparator.comparing(row -> ModelRows.encode(columns, row));
  }

  private static Map<String, Object> projected(List<String> columns, Map<String, Object> row) {
    Map<String, Object> projected = new TreeMap<>(row);
    projected.keySet().retainAll(columns);
    return projected;
  }

  private void groups(ModelTable table) {
    List<String> columns =
        table.definition().counters().isEmpty() || random.nextBoolean()
            ? some(table)
            : table.definition().counters().getFirst().group();
    String of = table.definition().columns().getFirst().name();
    Aggregate count = Aggregate.count();
    Aggregate min = Aggregate.min(of);
    boolean integer =
        table.definition().columns().getFirst().type() == ColumnType.INTEGER;
    Aggregate other = integer ? Aggregate.sum(of) : Aggregate.max(of);
    boolean onlyCount = random.nextBoolean();
    Map<String, List<Map<String, Object>>> expected = new TreeMap<>();
    table.rows().values().forEach(
        row -> expected.computeIfAbsent(
            ModelRows.text(projected(columns, row)), none -> new ArrayList<>()).add(row));
    Aggregate[] functions = onlyCount
        ? new Aggregate[] {count}
        : new Aggregate[] {count, min, other};
    Map<Row, Aggregate.Result> found =
        db.select(table.definition().name()).groupBy(columns, functions);
    assertThat(texts(table, found.keySet()))
        .containsExactlyInAnyOrderElementsOf(expected.keySet());
    found.forEach(
        (group, result) -> {
          List<Map<String, Object>> rows =
              Optional.ofNullable(expected.get(texts(table, List.of(group)).getFirst()))
                  .orElseThrow();
          assertThat(result.get(count)).contains((long) rows.size());
          if (!onlyCount) {
            List<Object> values =
                rows.stream().filter(row -> row.containsKey(of)).map(row -> row.get(of)).toList();
            same(result.get(min), values.stream().min(ModelStatements::compare));
            same(
                result.get(other),
                integer ? sum(values) : values.stream().max(ModelStatements::compare));
          }
        });
  }

  private static void same(Optional<Object> found, Optional<Object> expected) {
    assertThat(found.isPresent()).isEqualTo(expected.isPresent());
    if (found.isPresent()) {
      assertThat(ModelStatements.compare(found.get(), expected.get())).isZero();
    }
  }

  private static Optional<Object> sum(List<Object> values) {
    BigInteger sum = BigInteger.ZERO;
    for (Object value : values) {
      sum = sum.add(new BigInteger(value.toString()));
    }
    return values.isEmpty()
        ? Optional.empty()
        : Optional.of(sum.bitLength() < 64 ? (Object) sum.longValue() : sum);
  }

  private void pages(ModelTable table) {
    Selection all = db.select(table.definition().name());
    List<Row> rows = new ArrayList<>();
    Optional<byte[]> continuation = Optional.empty();
    do {
      Selection.Page page = all.page(1 + random.nextInt(4), continuation);
      rows.addAll(page.rows());
      continuation = page.continuation();
    } while (continuation.isPresent());
    assertThat(rows).isEqualTo(all.list());
  }

  private void join(ModelTable left) {
    List<ModelTable> tables = List.copyOf(model.tables.values());
    ModelTable right = tables.get(random.nextInt(tables.size()));
    Column one = left.definition().columns().getLast();
    Column other = right.definition().columns().getFirst();
    if (one.type() != other.type()) {
      return;
    }
    long expected =
        left.rows().values().stream()
            .mapToLong(
                row -> right.rows().values().stream()
                    .filter(each -> isEqual(row.get(one.name()), each.get(other.name())))
                    .count())
            .sum();
    assertThat(
        db.select(left.definition().name())
            .join(right.definition().name(), Join.on(one.name(), other.name())))
        .hasSize((int) expected);
  }

  private static boolean isEqual(@Nullable Object one, @Nullable Object other) {
    return one != null && other != null && ModelStatements.compare(one, other) == 0;
  }
}
