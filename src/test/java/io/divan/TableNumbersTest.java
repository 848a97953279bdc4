package io.divan;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.divan.storage.Table;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * The numbers of all tables, by the store that holds them. Numbers are never reused, and no two
 * tables of one store have the same number.
 */
class TableNumbersTest {

  /** The classes whose tables share a store. A layer's engine shares a store with the layer. */
  private static final List<Set<String>> STORES =
      List.of(
          Set.of("Tables", "IndexSpace"),
          Set.of(
              "Databases",
              "DatabaseEvents",
              "TaskLeases",
              "LayerRows",
              "StoredSettings",
              "SecretsRow",
              "PerUserDatabases",
              "Administrators",
              "IndexSpace"),
          Set.of("LayerRows", "Rows", "ApiEngine"),
          Set.of("LayerRows", "LsmKeys", "LsmEngine"),
          Set.of("LayerRows", "StoreLayout"));

  private static TreeMap<String, List<Table>> tables() throws ReflectiveOperationException {
    TreeMap<String, List<Table>> tables = new TreeMap<>();
    for (JavaClass type : new ClassFileImporter(List.of(new ImportOption.DoNotIncludeTests()))
        .importPackages("io.divan")) {
      for (JavaField found : type.getFields()) {
        if (found.getRawType().isEquivalentTo(Table.class)
            && found.getModifiers().contains(JavaModifier.STATIC)) {
          Field field = found.reflect();
          field.setAccessible(true);
          tables
              .computeIfAbsent(type.getSimpleName(), name -> new ArrayList<>())
              .add((Table) field.get(null));
        }
      }
    }
    return tables;
  }

  @Test
  void tables_ofOneStore_haveNumbersOfTheirOwn() throws ReflectiveOperationException {
    TreeMap<String, List<Table>> tables = tables();

    for (Set<String> store : STORES) {
      assertThat(store.stream().flatMap(name -> tables.get(name).stream()).map(Table::number))
          .as("numbers of %s", store)
          .doesNotHaveDuplicates();
    }
  }

  /** A class that declares tables belongs to a store above, and its numbers are frozen here. */
  @Test
  void tables_all_areFrozen() throws ReflectiveOperationException {
    TreeMap<String, TreeSet<Integer>> numbers = new TreeMap<>();
    tables()
        .forEach(
            (name, all) -> all.forEach(
                table -> numbers.computeIfAbsent(name, k -> new TreeSet<>())
                    .add(table.number())));

    assertThat(numbers.toString())
        .isEqualTo(
            "{Administrators=[38], ApiEngine=[5], DatabaseEvents=[33, 34, 35], Databases=[16],"
                + " IndexSpace=[40], LayerRows=[254, 255], LsmEngine=[4, 5], LsmKeys=[1, 2, 3],"
                + " OverlayGroup=[0], PerUserDatabases=[39], Rows=[0, 1, 2, 3, 4], SecretsRow=[37],"
                + " StoreLayout=[0, 1, 2, 3, 4], StoredSettings=[36],"
                + " Tables=[0, 16, 17, 18, 19, 20, 21, 22, 23, 24, 29], TaskLeases=[32]}");
  }
}
