package io.divan.record.relational;

import io.divan.record.Key;
import io.divan.record.Predicate;
import io.divan.record.Query;
import io.divan.record.ReadLimits;
import io.divan.record.Rec;
import io.divan.record.RecordException;
import io.divan.record.Results;
import io.divan.record.store.RecordStore;
import java.util.Optional;

/**
 * Searches tables for null in columns that no longer may be null, one page of rows at a time. A row
 * that has been passed cannot get null, so the search needs no locks. It continues after a crash,
 * in any instance.
 */
record Checks(RecordStore catalogs, RecordStore records, Catalog catalog) {

  /** Searches one page; returns whether there was one to search. */
  boolean step() {
    Optional<Check> next =
        catalogs.read(CatalogRows::read).checks().stream()
            .filter(check -> check.problem().isEmpty())
            .findFirst();
    next.ifPresent(this::step);
    return next.isPresent();
  }

  private void step(Check check) {
    Optional<Table> table =
        catalog.tables().stream().filter(each -> each.number() == check.table()).findFirst();
    if (table.isEmpty()) {
      return; // dropped since, or not seen yet
    }
    Query query =
        Query.of(table.get().name())
            .where(Predicate.isNull(check.column()))
            .fields(table.get().key().toArray(String[]::new));
    try {
      Results page = records.run(query, ReadLimits.rows(1), check.position());
      if (!page.records().isEmpty()) {
        found(check, table.get(), page.records().getFirst());
      } else {
        page.continuation().ifPresentOrElse(
            position -> replace(
                check,
                new Check(check.table(), check.column(), Optional.of(position), Optional.empty())),
            () -> remove(check));
      }
    } catch (RecordException.BadContinuation e) {
      replace(check, Check.of(check.table(), check.column())); // indexes changed
    }
  }

  /** Notes the problem, unless the row was changed since; then the page is searched again. */
  private void found(Check check, Table table, Rec row) {
    Key key = table.key(row);
    boolean still =
        records.read(
            reader -> reader.get(table.name(), key)
                .filter(rec -> rec.get(check.column()).isEmpty())
                .isPresent());
    if (still) {
      replace(
          check,
          new Check(
              check.table(),
              check.column(),
              Optional.empty(),
              Optional.of(
                  "Column " + check.column() + " of table " + table.name()
                      + " is null in the row with the key " + key
                      + ". Change all such rows, then check again")));
    }
  }

  /** Replaces a check, unless it has gone. */
  private void replace(Check check, Check other) {
    catalogs.write(
        rows -> {
          if (CatalogRows.hasCheck(rows, check)) {
            CatalogRows.put(rows, other);
          }
          return true;
        });
  }

  private void remove(Check check) {
    catalogs.write(
        rows -> {
          CatalogRows.remove(rows, check);
          return true;
        });
  }
}
