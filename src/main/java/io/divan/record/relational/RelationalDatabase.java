package io.divan.record.relational;

import io.divan.record.RecordException;
import io.divan.record.RecordSpace;
import io.divan.record.index.IndexSpace;
import io.divan.record.relational.TableTransaction.TableReader;
import io.divan.record.store.RecordStore;
import io.divan.storage.Store;
import io.divan.storage.tuple.TupleWriter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Tables in a store. Several instances and programs may use the same database; each sees the
 * changes of the others, also those of definitions. Safe for use by many threads.
 *
 * <ol>
 *   <li>The catalog is a record store of its own. A change of a definition writes the catalog with
 *       the next version and the schema of the records with the same version, in one transaction.
 *   <li>Every transaction compares the version of the schema with the stored one, under the
 *       configuration version. One that was older reads the catalog and runs again. So the
 *       definitions that an instance keeps in memory are never stale.
 * </ol>
 */
public final class RelationalDatabase {
  /** How often a transaction runs again because definitions changed, or for row ids. */
  private static final int ATTEMPTS_MAX = 1_000;

  private final Store store;
  private final RecordSpace space;
  private final RecordStore catalogs;
  private final RowIds.Blocks rowIds = new RowIds.Blocks();
  private volatile @Nullable Opened opened;

  /** The records at one version of the catalog. */
  private record Opened(Catalog catalog, RecordStore records) {}

  private RelationalDatabase(Store store, String name) {
    this.store = store;
    this.space = new RecordSpace(IndexSpace.RECORDS, TupleWriter.pack("sql", name, 1L));
    this.catalogs =
        RecordStore.open(
            store,
            new RecordSpace(IndexSpace.RECORDS, TupleWriter.pack("sql", name, 0L)),
            CatalogRows.SCHEMA);
  }

  /** Opens a database with all of its tables; creates it if it does not exist. */
  public static RelationalDatabase open(Store store, String name) {
    RelationalDatabase database = new RelationalDatabase(store, name);
    database.refresh();
    return database;
  }

  private Opened refresh() {
    for (int i = 0; i < ATTEMPTS_MAX; i++) {
      Catalog catalog = catalogs.read(CatalogRows::read);
      try {
        Opened fresh = new Opened(catalog, RecordStore.open(store, space, catalog.schema()));
        opened = fresh;
        return fresh;
      } catch (RecordException.NewerSchema e) {
        // another instance has changed the catalog since it was read
      }
    }
    throw new IllegalStateException("The definitions of the tables change all the time");
  }

  /** Runs work, again if definitions have changed or row ids are missing. */
  private <T> T run(Function<Opened, T> work) {
    Opened with = opened;
    for (int i = 0; i < ATTEMPTS_MAX; i++) {
      try {
        return work.apply(with != null ? with : refresh());
      } catch (RecordException.NewerSchema e) {
        with = refresh();
      } catch (RowIds.Missing e) {
        long first =
            catalogs
                .write(records -> CatalogRows.take(records, e.table(), e.count()))
                .result();
        rowIds.add(e.table(), first, e.count());
      } catch (RuntimeException e) {
        throw Failures.of(e);
      }
    }
    throw new IllegalStateException("The definitions of the tables change all the time");
  }

  /**
   * Creates a table. Has no effect if it exists with the same definition.
   *
   * @throws RelationalException.TableExists if it exists with another definition
   */
  public void createTable(TableDefinition table) {
    define(tx -> tx.createTable(table));
  }

  /**
   * Changes the definition of a table, whose version must be the next one. New columns hold their
   * default, or null, in existing rows. {@link #maintain} builds new indexes and removes old ones.
   * A column that no longer may be null takes none from then on; {@link #maintain} checks the
   * existing rows, and {@link #checks} lists what is not yet right. Has no effect if the table has
   * this definition.
   *
   * @throws RelationalException.Refused if the change is not allowed
   */
  public void alterTable(TableDefinition table) {
    define(tx -> tx.alterTable(table));
  }

  /**
   * Changes the definition of a table, then replaces every row by what a step makes of it: in
   * batches, each in a transaction of its own. If that is interrupted, call it again; so the step
   * must not change a row that it has made.
   *
   * @param step gets the values of a row and returns new ones, with the same key
   * @return the number of rows
   */
  public long alterTable(TableDefinition table, UnaryOperator<Map<String, Object>> step) {
    alterTable(table);
    return new Rewrite(this, table.name(), step).run();
  }

  /**
   * Removes a table in one step. {@link #maintain} removes its rows.
   *
   * @throws RelationalException.StillReferenced if another table refers to it
   */
  public void dropTable(String table) {
    define(tx -> tx.dropTable(table));
  }

  private void define(Consumer<Tx> change) {
    transaction(
        tx -> {
          change.accept(tx);
          return true;
        });
  }

  /** Returns the definitions of all tables, by name. */
  public List<TableDefinition> tables() {
    return run(
        with -> with.records()
            .read(
                records -> with.catalog().tables().stream().map(Table::definition).toList()));
  }

  /**
   * Runs work in a serializable transaction, and commits it. An exception of the work rolls back.
   * The work may run more than once, so it does nothing but use the transaction.
   */
  public <T> T transaction(Function<Tx, T> work) {
    RowIds ids = new RowIds(rowIds);
    Done<T> done =
        run(
            with -> store
                .write(
                    transaction -> catalogs.write(
                        transaction,
                        rows -> with.records()
                            .write(
                                transaction,
                                records -> {
                                  ids.restart();
                                  return done(
                                      new TableTransaction(with.catalog(), rows, records, ids),
                                      work);
                                })))
                .result());
    if (done.defined()) {
      refresh();
    }
    return done.result();
  }

  /** The result of a transaction, and whether it has changed a definition. */
  private record Done<T>(T result, boolean defined) {}

  private static <T> Done<T> done(TableTransaction tx, Function<Tx, T> work) {
    T result = work.apply(tx);
    tx.end();
    return new Done<>(result, tx.defined());
  }

  /** Runs work on one snapshot. The work may run more than once. */
  public <T> T read(Function<TxReader, T> work) {
    return run(
        with -> with.records()
            .read(records -> work.apply(new TableReader(with::catalog, records))));
  }

  /** Inserts a row in a transaction of its own; see {@link Tx#insert}. */
  public Row insert(String table, Map<String, ?> values) {
    return transaction(tx -> tx.insert(table, values));
  }

  /** Inserts or replaces a row in a transaction of its own; see {@link Tx#insertOrReplace}. */
  public Row insertOrReplace(String table, Map<String, ?> values) {
    return transaction(tx -> tx.insertOrReplace(table, values));
  }

  /** Returns the row with this key. */
  public Optional<Row> selectByKey(String table, Object... key) {
    return read(reader -> reader.selectByKey(table, key));
  }

  /** Returns all rows of a table, to be narrowed and read. */
  public Selection select(String table) {
    return Selection.of(
        table,
        new Selection.Snapshots() {
          @Override
          public <T> T read(Selection.Read<T> work) {
            return run(
                with -> with.records().read(records -> work.from(with.catalog(), records)));
          }
        });
  }

  /** Changes rows in a transaction of its own; see {@link Tx#update}. */
  public long update(String table, Where where, Map<String, ?> values) {
    return transaction(tx -> tx.update(table, where, values));
  }

  /** Deletes rows in a transaction of its own; see {@link Tx#delete}. */
  public long delete(String table, Where where) {
    return transaction(tx -> tx.delete(table, where));
  }

  /**
   * Builds new indexes, removes the rows of removed tables and indexes, and checks columns that no
   * longer may be null: one step, in short
   * transactions. A program calls it now and then until it returns false.
   *
   * @return whether another call is needed
   */
  public boolean maintain() {
    return run(
        with -> {
          with.records().read(records -> true);
          return with.records().buildStep()
              || with.records().clearStep()
              || new Checks(catalogs, with.records(), with.catalog()).step();
        });
  }

  /** Returns the columns that no longer may be null, but may still be in existing rows. */
  public List<NullCheck> checks() {
    return run(
        with -> {
          Catalog catalog = catalogs.read(CatalogRows::read);
          return catalog.checks().stream()
              .map(
                  check -> new NullCheck(
                      catalog.require(check.table()).name(), check.column(), check.problem()))
              .toList();
        });
  }

  /** Lets {@link #maintain} check a column again in which it found null. */
  public void recheck(String table, String column) {
    catalogs.write(
        rows -> {
          int number = CatalogRows.read(rows).require(table).number();
          Check check = Check.of(number, column);
          if (CatalogRows.hasCheck(rows, check)) {
            CatalogRows.put(rows, check);
          }
          return true;
        });
  }
}
