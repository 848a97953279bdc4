package io.divan.record;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The types of records, their indexes and the steps that upgrade older records. A program that
 * changes types or indexes gives the schema a greater version.
 *
 * @param version at least 1
 * @param types the types
 * @param indexes the indexes
 * @param upgrades steps for records of older versions
 */
public record Schema(
    int version, List<RecordType> types, List<Index> indexes, List<Upgrade> upgrades) {

  public Schema {
    types = List.copyOf(types);
    indexes = List.copyOf(indexes);
    upgrades = List.copyOf(upgrades);
  }

  /** Starts the description of a schema. */
  public static Schema version(int version) {
    return new Schema(version, List.of(), List.of(), List.of());
  }

  /** Adds a type. */
  public Schema type(RecordType type) {
    return new Schema(version, with(types, type), indexes, upgrades);
  }

  /** Adds an index. */
  public Schema index(Index index) {
    return new Schema(version, types, with(indexes, index), upgrades);
  }

  /** Adds a step that upgrades older records. */
  public Schema upgrade(Upgrade upgrade) {
    return new Schema(version, types, indexes, with(upgrades, upgrade));
  }

  /** Returns the type with this name. */
  public Optional<RecordType> findType(String name) {
    return types.stream().filter(type -> type.name().equals(name)).findFirst();
  }

  /** Returns the index with this name. */
  public Optional<Index> findIndex(String name) {
    return indexes.stream().filter(index -> index.name().equals(name)).findFirst();
  }

  /** Returns the type with this number. */
  public Optional<RecordType> findType(int number) {
    return types.stream().filter(type -> type.number() == number).findFirst();
  }

  /**
   * Returns the type with this name.
   *
   * @throws RecordException.Invalid if there is none
   */
  public RecordType requireType(String name) {
    return findType(name)
        .orElseThrow(() -> new RecordException.Invalid("The schema has no type " + name));
  }

  /**
   * Returns the index with this name.
   *
   * @throws RecordException.Invalid if there is none
   */
  public Index requireIndex(String name) {
    return findIndex(name)
        .orElseThrow(() -> new RecordException.Invalid("The schema has no index " + name));
  }

  /** Returns the indexes of records of a type. */
  public List<Index> indexesOf(RecordType type) {
    return indexes.stream().filter(index -> index.types().contains(type.name())).toList();
  }

  private static <T> List<T> with(List<T> list, T more) {
    return Stream.concat(list.stream(), Stream.of(more)).toList();
  }
}
