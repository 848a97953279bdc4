package io.divan.record.relational;

import io.divan.record.Key;
import io.divan.record.Predicate;
import io.divan.record.Query;
import io.divan.record.ReadLimits;
import io.divan.record.Rec;
import io.divan.record.RecordTransaction;
import io.divan.record.Results;
import io.divan.record.relational.Catalog.Reference;
import io.divan.record.relational.ForeignKey.OnDelete;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * References between rows, in one transaction.
 *
 * <ol>
 *   <li>A change of a child reads its parents. It conflicts with a transaction that deletes one.
 *   <li>A deletion of a parent reads the range of its children in an index. It conflicts with a
 *       transaction that inserts one.
 * </ol>
 */
final class ForeignKeys {
  private static final int CASCADE_MAX = 10_000;

  /** The most keys of one query. */
  private static final int KEYS_MAX = 500;

  private record Id(String table, Key key) {}

  private final Catalog catalog;
  private final RecordTransaction records;

  ForeignKeys(Catalog catalog, RecordTransaction records) {
    this.catalog = catalog;
    this.records = records;
  }

  /** Checks that the rows to which rows refer by these columns exist. */
  void checkParents(Table table, List<Rec> rows, List<Column> columns) {
    for (Column column : columns) {
      String parent = column.references().orElseThrow().table();
      Set<Key> keys = new LinkedHashSet<>();
      rows.forEach(rec -> rec.get(column.name()).ifPresent(value -> keys.add(Key.of(value))));
      List<Key> all = List.copyOf(keys);
      List<Optional<Rec>> found = all.isEmpty() ? List.of() : records.getAll(parent, all);
      for (int i = 0; i < all.size(); i++) {
        if (found.get(i).isEmpty()) {
          throw new RelationalException.ForeignKeyMissing(
              table.name(), column, parent, all.get(i).elements().getFirst());
        }
      }
    }
  }

  /** Checks that no row refers to these rows. */
  void checkUnreferenced(Table table, List<Rec> rows) {
    for (Reference reference : catalog.referencesTo(table.name())) {
      children(reference, rows, child -> {
        throw stillReferenced(table.name(), reference);
      });
    }
  }

  /** Deletes rows, and those that refer to them by a cascade, directly or not. */
  void delete(Table table, List<Rec> rows) {
    Map<Id, Rec> doomed = new LinkedHashMap<>();
    Map<Table, List<Rec>> level = new LinkedHashMap<>();
    rows.forEach(rec -> doomed.put(new Id(table.name(), table.key(rec)), rec));
    level.put(table, rows);
    while (!level.isEmpty()) {
      Map<Table, List<Rec>> next = new LinkedHashMap<>();
      int max = rows.size() + CASCADE_MAX;
      level.forEach((parent, deleted) -> cascade(parent, deleted, doomed, next, max));
      level = next;
    }
    Map<String, List<Rec>> byTable = new LinkedHashMap<>();
    doomed.forEach(
        (id, rec) -> byTable.computeIfAbsent(id.table(), none -> new ArrayList<>()).add(rec));
    byTable.forEach((name, deleted) -> checkRestricted(name, deleted, doomed.keySet()));
    byTable.forEach(this::delete);
  }

  private void cascade(
      Table parent,
      List<Rec> deleted,
      Map<Id, Rec> doomed,
      Map<Table, List<Rec>> next,
      int max) {
    for (Reference reference : catalog.referencesTo(parent.name())) {
      if (onDelete(reference) == OnDelete.CASCADE) {
        Table child = reference.child();
        children(
            reference,
            deleted,
            rec -> {
              if (doomed.putIfAbsent(new Id(child.name(), child.key(rec)), rec) == null) {
                next.computeIfAbsent(child, none -> new ArrayList<>()).add(rec);
                if (doomed.size() > max) {
                  throw new RelationalException.CascadeTooLarge(parent.name(), CASCADE_MAX);
                }
              }
              return true;
            });
      }
    }
  }

  private void checkRestricted(String table, List<Rec> deleted, Set<Id> doomed) {
    for (Reference reference : catalog.referencesTo(table)) {
      if (onDelete(reference) == OnDelete.RESTRICT) {
        Table child = reference.child();
        children(
            reference,
            deleted,
            rec -> {
              if (!doomed.contains(new Id(child.name(), child.key(rec)))) {
                throw stillReferenced(table, reference);
              }
              return true;
            });
      }
    }
  }

  private void delete(String name, List<Rec> rows) {
    Table table = catalog.require(name);
    List<Key> keys = rows.stream().map(table::key).toList();
    for (int i = 0; i < keys.size(); i += KEYS_MAX) {
      List<Key> some = keys.subList(i, Math.min(i + KEYS_MAX, keys.size()));
      records.getAll(name, some);
      some.forEach(key -> records.delete(name, key));
    }
  }

  /** Visits the rows that refer to rows, until the visitor returns false. */
  private void children(
      Reference reference, List<Rec> parents, java.util.function.Predicate<Rec> visitor) {
    String column = reference.column().name();
    String key =
        catalog
            .require(reference.column().references().orElseThrow().table())
            .key()
            .getFirst();
    List<Object> values = parents.stream().map(rec -> rec.get(key).orElseThrow()).toList();
    for (int i = 0; i < values.size(); i += KEYS_MAX) {
      List<Object> some = values.subList(i, Math.min(i + KEYS_MAX, values.size()));
      Query query =
          Query.of(reference.child().name()).where(new Predicate.In(column, some));
      Optional<byte[]> continuation = Optional.empty();
      do {
        Results page = records.run(query, ReadLimits.DEFAULT, continuation);
        for (Rec rec : page.records()) {
          if (!visitor.test(rec)) {
            return;
          }
        }
        continuation = page.continuation();
      } while (continuation.isPresent());
    }
  }

  private static OnDelete onDelete(Reference reference) {
    return reference.column().references().orElseThrow().onDelete();
  }

  private static RelationalException stillReferenced(String table, Reference reference) {
    return new RelationalException.StillReferenced(
        table, reference.child().name(), reference.column().name());
  }
}
