package io.divan.record.relational;

import io.divan.record.Key;
import io.divan.record.Rec;
import io.divan.record.RecordReader;
import io.divan.record.RecordTransaction;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** The changes of one transaction. */
final class TableTransaction implements Tx {
  private final RecordTransaction catalogs;
  private final RecordTransaction records;
  private final TxReader reader;
  private final RowIds rowIds;
  private Catalog catalog;
  private boolean defined;
  private Optional<RuntimeException> failure = Optional.empty();

  /**
   * Creates a transaction.
   *
   * @param catalogs the records of the catalog
   * @param records the records of the tables
   */
  TableTransaction(
      Catalog catalog, RecordTransaction catalogs, RecordTransaction records, RowIds rowIds) {
    this.catalog = catalog;
    this.catalogs = catalogs;
    this.records = records;
    this.reader = new TableReader(() -> this.catalog, records);
    this.rowIds = rowIds;
  }

  /** Returns whether the transaction has changed a definition. */
  boolean defined() {
    return defined;
  }

  private ForeignKeys foreignKeys() {
    return new ForeignKeys(catalog, records);
  }

  /** Fails if a change has failed. */
  void end() {
    failure.ifPresent(
        each -> {
          throw each;
        });
  }

  @Override
  public Optional<Row> selectByKey(String table, Object... key) {
    return reader.selectByKey(table, key);
  }

  @Override
  public Selection select(String table) {
    return reader.select(table);
  }

  @Override
  public long count(String table) {
    return reader.count(table);
  }

  @Override
  public Row insert(String name, Map<String, ?> values) {
    return change(
        () -> {
          Table table = catalog.require(name);
          Rec rec = withRowId(table, table.fill(values));
          records.insert(rec);
          foreignKeys().checkParents(table, List.of(rec), table.references());
          return table.row(rec);
        });
  }

  @Override
  public Row insertOrReplace(String name, Map<String, ?> values) {
    return change(
        () -> {
          Table table = catalog.require(name);
          Rec rec = withRowId(table, table.fill(values));
          records.put(rec);
          foreignKeys().checkParents(table, List.of(rec), table.references());
          return table.row(rec);
        });
  }

  private Rec withRowId(Table table, Rec rec) {
    if (!table.hasRowId()) {
      return rec;
    }
    long id =
        table.definition().strictRowIds()
            ? CatalogRows.take(catalogs, table.number(), 1)
            : rowIds.next(table.number());
    return rec.with(TableDefinition.ROW_ID, id);
  }

  @Override
  public long update(String name, Where where, Map<String, ?> values) {
    return change(
        () -> {
          Table table = catalog.require(name);
          List<Rec> before = select(name).where(where).records();
          List<Rec> after = new ArrayList<>();
          before.forEach(rec -> after.add(table.change(rec, values)));
          rewrite(table, before, after);
          List<Column> references =
              table.references().stream()
                  .filter(column -> values.containsKey(column.name()))
                  .toList();
          foreignKeys().checkParents(table, after, references);
          return (long) before.size();
        });
  }

  /** Replaces a row by what a step makes of its values; columns that it leaves out become null. */
  void replace(String name, Row row, UnaryOperator<Map<String, Object>> step) {
    change(
        () -> {
          Table table = catalog.require(name);
          Map<String, Object> values = step.apply(Rewrite.values(row));
          Rec before = row.rec();
          Rec after = before;
          for (String column : row.columns()) {
            after = table.change(after, Collections.singletonMap(column, values.get(column)));
          }
          after = table.change(after, values);
          if (!table.key(before).equals(table.key(after))) {
            throw new RelationalException.Refused(
                "A step cannot change the key of a row of table " + name);
          }
          records.put(after);
          foreignKeys().checkParents(table, List.of(after), table.references());
          return true;
        });
  }

  /** Writes changed rows. Rows whose key changes move. */
  private void rewrite(Table table, List<Rec> before, List<Rec> after) {
    List<Rec> moved = new ArrayList<>();
    for (int i = 0; i < before.size(); i++) {
      if (table.key(before.get(i)).equals(table.key(after.get(i)))) {
        records.put(after.get(i));
      } else {
        moved.add(before.get(i));
      }
    }
    foreignKeys().checkUnreferenced(table, moved);
    moved.forEach(rec -> records.delete(table.name(), table.key(rec)));
    for (int i = 0; i < before.size(); i++) {
      if (!table.key(before.get(i)).equals(table.key(after.get(i)))) {
        records.insert(after.get(i));
      }
    }
  }

  @Override
  public long delete(String name, Where where) {
    return change(
        () -> {
          Table table = catalog.require(name);
          List<Rec> rows = select(name).where(where).records();
          foreignKeys().delete(table, rows);
          return (long) rows.size();
        });
  }

  @Override
  public void createTable(TableDefinition table) {
    define(current -> current.create(table));
  }

  @Override
  public void alterTable(TableDefinition table) {
    define(current -> current.alter(table));
  }

  @Override
  public void dropTable(String table) {
    define(current -> current.drop(table));
  }

  /** Changes the catalog and the schema of the records together. */
  private void define(UnaryOperator<Catalog> step) {
    change(
        () -> {
          Catalog before = CatalogRows.read(catalogs);
          Catalog after = step.apply(before);
          if (after.version() != before.version()) {
            CatalogRows.write(catalogs, before, after);
            records.evolve(after.schema());
            defined = true;
          }
          catalog = after;
          return true;
        });
  }

  private <T> T change(Supplier<T> work) {
    try {
      return work.get();
    } catch (RuntimeException e) {
      failure = Optional.of(failure.orElse(e));
      throw Failures.of(e);
    }
  }

  /** The reads of one snapshot. */
  record TableReader(Supplier<Catalog> current, RecordReader records) implements TxReader {

    private Catalog catalog() {
      return current.get();
    }

    @Override
    public Optional<Row> selectByKey(String name, Object... key) {
      Table table = catalog().require(name);
      return records.get(name, Key.of(key)).map(table::row);
    }

    @Override
    public Selection select(String table) {
      catalog().require(table);
      return Selection.of(
          table,
          new Selection.Snapshots() {
            @Override
            public <T> T read(Selection.Read<T> work) {
              return work.from(catalog(), records);
            }
          });
    }

    @Override
    public long count(String table) {
      return records.count(catalog().require(table).counter());
    }
  }
}
