package io.divan.record.relational;

import io.divan.record.Schema;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The tables at one version. Immutable.
 *
 * @param version the version of the schema of the records
 * @param nextType the number of the next new table
 * @param byName the tables by name
 * @param checks the columns that must not be null, but whose rows have yet to be checked
 */
record Catalog(int version, int nextType, Map<String, Table> byName, List<Check> checks) {
  /** The catalog of a new database. */
  static final Catalog EMPTY = new Catalog(1, 1, Map.of(), List.of());

  /** A column that refers to a table. */
  record Reference(Table child, Column column) {}

  Catalog {
    byName = Collections.unmodifiableMap(new LinkedHashMap<>(byName));
    checks = List.copyOf(checks);
  }

  Collection<Table> tables() {
    return byName.values();
  }

  Optional<Table> find(String name) {
    return Optional.ofNullable(byName.get(name));
  }

  Table require(String name) {
    return find(name).orElseThrow(() -> new RelationalException.NoSuchTable(name));
  }

  Table require(int number) {
    return tables().stream().filter(table -> table.number() == number).findFirst().orElseThrow();
  }

  /** Returns the columns of all tables that refer to a table. */
  List<Reference> referencesTo(String table) {
    List<Reference> found = new ArrayList<>();
    for (Table child : tables()) {
      for (Column column : child.references()) {
        if (column.references().orElseThrow().table().equals(table)) {
          found.add(new Reference(child, column));
        }
      }
    }
    return found;
  }

  /** Returns the catalog with another table; the same catalog if the table is defined so. */
  Catalog create(TableDefinition definition) {
    Optional<Table> existing = find(definition.name());
    if (existing.isPresent()) {
      if (CatalogRows.isSame(existing.get(), definition)) {
        return this;
      }
      throw new RelationalException.TableExists(definition.name());
    }
    DefinitionCheck.create(this, definition);
    return with(Table.create(nextType, definition), nextType + 1, checks);
  }

  /** Returns the catalog with a changed table; the same catalog if the table is defined so. */
  Catalog alter(TableDefinition definition) {
    Table table = require(definition.name());
    if (CatalogRows.isSame(table, definition)) {
      return this;
    }
    DefinitionCheck.alter(this, table, definition);
    List<Check> all = new ArrayList<>();
    for (Check check : checks) {
      if (check.table() != table.number() || isChecked(definition, check.column())) {
        all.add(check);
      }
    }
    for (Column column : definition.columns()) {
      boolean wasNullable =
          table.definition().find(column.name()).map(Column::nullable).orElse(false);
      if (wasNullable && isChecked(definition, column.name())) {
        all.add(Check.of(table.number(), column.name()));
      }
    }
    return with(table.alter(definition), nextType, all);
  }

  /** Returns the catalog without a table. */
  Catalog drop(String name) {
    int number = require(name).number();
    for (Reference each : referencesTo(name)) {
      if (!each.child().name().equals(name)) {
        throw new RelationalException.StillReferenced(
            name, each.child().name(), each.column().name());
      }
    }
    Map<String, Table> rest = new LinkedHashMap<>(byName);
    rest.remove(name);
    return new Catalog(
        version + 1,
        nextType,
        rest,
        checks.stream().filter(check -> check.table() != number).toList());
  }

  private static boolean isChecked(TableDefinition table, String column) {
    return table.find(column).filter(each -> !each.nullable()).isPresent()
        && !table.primaryKey().contains(column);
  }

  private Catalog with(Table table, int next, List<Check> others) {
    Map<String, Table> all = new LinkedHashMap<>(byName);
    all.put(table.name(), table);
    return new Catalog(version + 1, next, all, others);
  }

  /** Returns the schema of the records. */
  Schema schema() {
    Schema schema = Schema.version(version);
    for (Table table : tables()) {
      schema = schema.type(table.type());
    }
    return new Schema(
        version,
        schema.types(),
        tables().stream().flatMap(table -> table.indexes().stream()).toList(),
        List.of());
  }
}
