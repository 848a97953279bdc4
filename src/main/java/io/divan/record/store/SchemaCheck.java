package io.divan.record.store;

import io.divan.record.Field;
import io.divan.record.FieldType;
import io.divan.record.Index;
import io.divan.record.RecordException;
import io.divan.record.RecordType;
import io.divan.record.Schema;
import io.divan.record.Upgrade;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Checks that the parts of a schema fit together. */
final class SchemaCheck {
  private final Schema schema;

  private SchemaCheck(Schema schema) {
    this.schema = schema;
  }

  /**
   * Checks a schema.
   *
   * @throws RecordException.SchemaRefused with a sentence
   */
  static void check(Schema schema) {
    SchemaCheck check = new SchemaCheck(schema);
    require(schema.version() >= 1, "The version of a schema is at least 1");
    distinct("type names", schema.types().stream().map(RecordType::name).toList());
    distinct("type numbers", schema.types().stream().map(RecordType::number).toList());
    distinct("index names", schema.indexes().stream().map(Index::name).toList());
    schema.types().forEach(SchemaCheck::type);
    schema.indexes().forEach(check::index);
    schema.upgrades().forEach(check::upgrade);
  }

  static void require(boolean condition, String sentence) {
    if (!condition) {
      throw new RecordException.SchemaRefused(sentence);
    }
  }

  private static void distinct(String what, Collection<?> all) {
    Set<Object> seen = new HashSet<>();
    for (Object each : all) {
      require(seen.add(each), "The " + what + " are not distinct: " + each + " occurs twice");
    }
  }

  private static void type(RecordType type) {
    String name = "type " + type.name();
    require(type.number() >= 1, "The number of " + name + " is less than 1");
    distinct("field names of " + name, type.fields().stream().map(Field::name).toList());
    distinct("field numbers of " + name, type.fields().stream().map(Field::number).toList());
    distinct("key fields of " + name, type.key());
    require(!type.key().isEmpty(), "The " + name + " has no primary key");
    for (String each : type.key()) {
      require(
          field(type, each).type().kind() != FieldType.Kind.ARRAY,
          "The key field " + each + " of " + name + " is an array");
    }
  }

  private void index(Index index) {
    String name = "index " + index.name();
    require(!index.types().isEmpty(), "The " + name + " has no type");
    distinct("types of " + name, index.types());
    for (String each : index.types()) {
      require(
          schema.findType(each).isPresent(),
          "The " + name + " is on type " + each + ", which the schema lacks");
    }
    RecordType type = schema.requireType(index.types().getFirst());
    index.fields().forEach(each -> field(type, each));
    switch (index) {
      case Index.Value value -> value(value, type);
      case Index.Sum(String sum, String of, String field, List<String> group) -> {
        FieldType.Kind kind = field(type, field).type().kind();
        require(
            kind == FieldType.Kind.INTEGER,
            "A sum index adds 64-bit integers; field " + field + " of type " + of + " is of type "
                + field(type, field).type());
        distinct("group fields of " + name, group);
      }
      case Index.Count count -> distinct("group fields of " + name, count.group());
      case Index.Ever ever -> distinct("group fields of " + name, ever.group());
      case Index.Versionstamp feed -> {}
    }
  }

  private static void value(Index.Value index, RecordType type) {
    String name = "index " + index.name();
    List<String> columns = index.columns().stream().map(Index.Column::field).toList();
    require(!columns.isEmpty(), "The " + name + " has no columns");
    distinct(
        "columns and covered fields of " + name,
        Stream.concat(columns.stream(), index.covering().stream()).toList());
    index.fanOut().ifPresent(
        field -> {
          require(
              columns.contains(field),
              "The " + name + " is on the elements of " + field + ", which is not a column");
          require(
              field(type, field).type().kind() == FieldType.Kind.ARRAY,
              "The " + name + " is on the elements of " + field + ", which is not an array");
        });
  }

  private void upgrade(Upgrade upgrade) {
    String name = "upgrade step from version " + upgrade.fromVersion();
    require(
        upgrade.fromVersion() < schema.version(),
        "The " + name + " does not come before the version of the schema");
    require(
        schema.findType(upgrade.type()).isPresent(),
        "The " + name + " is of type " + upgrade.type() + ", which the schema lacks");
    RecordType type = schema.requireType(upgrade.type());
    for (String each : upgrade.sets()) {
      field(type, each);
      require(
          !type.key().contains(each),
          "The " + name + " sets " + each + ", a field of the primary key");
    }
  }

  private static Field field(RecordType type, String name) {
    require(type.find(name).isPresent(), "The type " + type.name() + " has no field " + name);
    return type.require(name);
  }
}
