package io.divan.record.store;

import static io.divan.record.store.SchemaCheck.require;

import io.divan.json.JsonValue;
import io.divan.record.Field;
import io.divan.record.Index;
import io.divan.record.JsonCodec;
import io.divan.record.RecordException;
import io.divan.record.RecordType;
import io.divan.record.Schema;
import io.divan.record.Upgrade;
import io.divan.record.store.SchemaJson.Stored;
import io.divan.record.store.SchemaJson.StoredIndex;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * The difference between a schema and the stored ones.
 *
 * @param kept the number of each index of the schema that exists already; empty for a new one
 * @param droppedIndexes the numbers of the indexes that the schema lacks
 * @param droppedTypes the numbers of the types that the schema lacks
 */
record SchemaChange(
    List<Optional<Integer>> kept, List<Integer> droppedIndexes, List<Integer> droppedTypes) {

  /**
   * Returns whether the schema is the stored one.
   *
   * @throws RecordException.SchemaRefused if it differs, but has the same version
   */
  static boolean isStored(Schema schema, Stored stored) {
    if (schema.version() != stored.version()) {
      return false;
    }
    List<Integer> numbers =
        schema.indexes().stream()
            .map(index -> stored.indexNumber(index.name()).orElse(0))
            .toList();
    Stored given = SchemaJson.read(SchemaJson.write(schema, numbers));
    require(
        sameTypes(given.types(), stored.types())
            && same(given.indexes(), stored.indexes())
            && stored.upgrades().containsAll(given.upgrades()),
        "The schema differs from the stored one of the same version " + stored.version()
            + "; give it a greater version");
    return true;
  }

  /**
   * Returns the stored schema with the codecs and the upgrade steps of a program.
   *
   * @throws RecordException.SchemaRefused if anything else differs, or a step is missing
   */
  static Schema completed(Stored stored, UnaryOperator<Schema> completion) {
    Schema schema = completion.apply(stored.schema());
    SchemaCheck.check(schema);
    require(
        isStored(schema, stored) && schema.upgrades().size() == stored.upgrades().size(),
        "The stored schema of version " + stored.version() + " has "
            + stored.upgrades().size() + " upgrade steps; open it with them");
    return schema;
  }

  private static boolean sameTypes(List<RecordType> given, List<RecordType> stored) {
    return same(
        given.stream().map(SchemaChange::content).toList(),
        stored.stream().map(SchemaChange::content).toList());
  }

  private static List<Object> content(RecordType type) {
    List<List<Object>> fields =
        type.fields().stream()
            .map(field -> List.<Object>of(
                field.number(), field.name(), field.type(), initial(field)))
            .toList();
    return List.of(type.number(), type.name(), type.key(), fields);
  }

  private static String initial(Field field) {
    return field.initial().map(JsonCodec::text).orElse("");
  }

  private static boolean same(Collection<?> some, Collection<?> others) {
    return some.size() == others.size() && some.containsAll(others);
  }

  /**
   * Compares a schema with the stored ones.
   *
   * @param history the stored schemas, oldest first, not empty
   * @throws RecordException.NewerSchema if the newest stored one is newer
   * @throws RecordException.SchemaRefused if the change is not allowed
   */
  static SchemaChange of(List<Stored> history, Schema schema) {
    Stored stored = history.getLast();
    if (schema.version() < stored.version()) {
      throw new RecordException.NewerSchema(stored.version(), schema.version());
    }
    schema.types().forEach(type -> type(history, type));
    for (Upgrade each : schema.upgrades()) {
      require(
          each.fromVersion() >= stored.version()
              || stored.upgrades().contains(JsonValue.read(SchemaJson.upgrade(schema, each))),
          "The upgrade step of type " + each.type() + " from version " + each.fromVersion()
              + " comes too late: the stored schema has version " + stored.version());
    }
    List<Integer> droppedTypes =
        stored.types().stream()
            .map(RecordType::number)
            .filter(number -> schema.findType(number).isEmpty())
            .toList();
    return indexes(stored, schema, droppedTypes);
  }

  private static void type(List<Stored> history, RecordType type) {
    Optional<RecordType> before = history.getLast().findType(type.number());
    if (before.isEmpty()) {
      history.forEach(
          each -> each.findType(type.number()).ifPresent(
              removed -> require(
                  false,
                  "Number " + type.number() + " belonged to type " + removed.name()
                      + ", which was removed; give type " + type.name() + " another number")));
      return;
    }
    RecordType old = before.get();
    require(
        keyNumbers(type).equals(keyNumbers(old)),
        "The primary key of type " + type.name()
            + " cannot change; make a new type and copy the records");
    for (Field field : type.fields()) {
      Optional<Field> same = old.find(field.number());
      if (same.isPresent()) {
        require(
            same.get().type().equals(field.type()),
            "Field " + field.name() + " of type " + type.name() + " is of type "
                + same.get().type() + "; make a new field and an upgrade step");
      } else {
        require(
            history.stream()
                .flatMap(each -> each.findType(type.number()).stream())
                .allMatch(each -> each.find(field.number()).isEmpty()),
            "Number " + field.number() + " belonged to a removed field of type " + type.name()
                + "; give field " + field.name() + " another number");
      }
    }
  }

  private static List<Integer> keyNumbers(RecordType type) {
    return type.key().stream().map(each -> type.require(each).number()).toList();
  }

  private static SchemaChange indexes(
      Stored stored, Schema schema, List<Integer> droppedTypes) {
    List<StoredIndex> rest = new ArrayList<>(stored.indexes());
    List<JsonValue> definitions = new ArrayList<>();
    List<Optional<Integer>> kept = new ArrayList<>();
    for (Index index : schema.indexes()) {
      JsonValue definition = JsonValue.read(IndexJson.definition(schema, index));
      definitions.add(definition);
      kept.add(
          isUpgraded(stored, schema, index)
              ? Optional.empty()
              : take(rest, definition, Optional.of(index.name())));
    }
    for (int i = 0; i < kept.size(); i++) {
      if (kept.get(i).isEmpty() && !isUpgraded(stored, schema, schema.indexes().get(i))) {
        kept.set(i, take(rest, definitions.get(i), Optional.empty()));
      }
    }
    return new SchemaChange(
        kept, rest.stream().map(StoredIndex::number).toList(), droppedTypes);
  }

  /** Returns whether a new upgrade step sets a field of an index. */
  private static boolean isUpgraded(Stored stored, Schema schema, Index index) {
    return schema.upgrades().stream()
        .filter(upgrade -> upgrade.fromVersion() >= stored.version())
        .filter(upgrade -> index.types().contains(upgrade.type()))
        .flatMap(upgrade -> upgrade.sets().stream())
        .anyMatch(index.fields()::contains);
  }

  private static Optional<Integer> take(
      List<StoredIndex> from, JsonValue definition, Optional<String> name) {
    return IntStream.range(0, from.size())
        .filter(i -> from.get(i).definition().equals(definition))
        .filter(i -> name.isEmpty() || name.get().equals(from.get(i).name()))
        .boxed()
        .findFirst()
        .map(i -> from.remove(i.intValue()).number());
  }
}
