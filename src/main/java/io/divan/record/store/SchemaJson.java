package io.divan.record.store;

import io.divan.json.JsonBuffer;
import io.divan.json.JsonException;
import io.divan.json.JsonValue;
import io.divan.json.JsonValue.Arr;
import io.divan.json.JsonValue.Num;
import io.divan.json.JsonValue.Obj;
import io.divan.json.JsonValue.Str;
import io.divan.record.Field;
import io.divan.record.FieldType;
import io.divan.record.JsonCodec;
import io.divan.record.RecordCodec;
import io.divan.record.RecordException;
import io.divan.record.RecordType;
import io.divan.record.Schema;
import io.divan.record.Upgrade;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * A schema as JSON. Types, fields and indexes refer to each other by their numbers, so that a
 * change of a name changes nothing else:
 *
 * <pre>
 * {"version":1,
 *  "types":[{"number":1,"name":"user","key":[1],
 *            "fields":[{"number":1,"name":"id","type":"text"}, …]}, …],
 *  "indexes":[{"number":3,"name":"city","definition":{"kind":"value","type":1,"columns":[2], …}},
 *             …],
 *  "upgrades":[{"from":1,"type":1,"sets":[2]}, …]}
 * </pre>
 *
 * <p>A descending column has the negative number of its field.
 */
final class SchemaJson {

  /**
   * An index as it is stored.
   *
   * @param number its number in the catalog
   * @param definition what determines its rows
   */
  record StoredIndex(int number, String name, JsonValue definition) {}

  /**
   * A schema as it is stored.
   *
   * @param types the types, with the codec for JSON
   * @param upgrades the steps
   */
  record Stored(
      int version, List<RecordType> types, List<StoredIndex> indexes, List<JsonValue> upgrades) {

    Optional<RecordType> findType(int number) {
      return types.stream().filter(type -> type.number() == number).findFirst();
    }

    /**
     * Returns the schema, with the codec for JSON and without the functions of its upgrade steps.
     */
    Schema schema() {
      return new Schema(
          version,
          types,
          indexes.stream()
              .map(index -> IndexJson.read(this, index.name(), index.definition()))
              .toList(),
          List.of());
    }

    OptionalInt indexNumber(String name) {
      return indexes.stream()
          .filter(index -> index.name().equals(name))
          .mapToInt(StoredIndex::number)
          .findFirst();
    }
  }

  private SchemaJson() {}

  /**
   * Returns a schema as JSON.
   *
   * @param numbers the numbers of the indexes, in their order
   */
  static byte[] write(Schema schema, List<Integer> numbers) {
    JsonBuffer out = new JsonBuffer();
    out.raw("{\"version\":").number(schema.version()).raw(",\"types\":");
    list(out, schema.types(), type -> type(out, type));
    out.raw(",\"indexes\":");
    int[] next = {0};
    list(
        out,
        schema.indexes(),
        index -> {
          out.raw("{\"number\":").number(numbers.get(next[0]++)).raw(",\"name\":");
          out.string(index.name()).raw(",\"definition\":");
          out.raw(IndexJson.definition(schema, index)).raw('}');
        });
    out.raw(",\"upgrades\":");
    list(out, schema.upgrades(), upgrade -> out.raw(upgrade(schema, upgrade)));
    return out.raw('}').toBytes();
  }

  private static void type(JsonBuffer out, RecordType type) {
    out.raw("{\"number\":").number(type.number()).raw(",\"name\":").string(type.name());
    out.raw(",\"key\":");
    list(out, type.key(), name -> out.number(type.require(name).number()));
    out.raw(",\"fields\":");
    list(
        out,
        type.fields(),
        field -> {
          out.raw("{\"number\":").number(field.number()).raw(",\"name\":").string(field.name());
          out.raw(",\"type\":").string(field.type().toString());
          field.initial().ifPresent(
              value -> {
                out.raw(",\"initial\":");
                JsonCodec.write(out, value);
              });
          out.raw('}');
        });
    out.raw('}');
  }

  static byte[] upgrade(Schema schema, Upgrade upgrade) {
    JsonBuffer out = new JsonBuffer();
    RecordType type = schema.requireType(upgrade.type());
    out.raw("{\"from\":").number(upgrade.fromVersion()).raw(",\"type\":").number(type.number());
    fields(out.raw(",\"sets\":"), type, upgrade.sets());
    return out.raw('}').toBytes();
  }

  /** Writes the numbers of fields. */
  static void fields(JsonBuffer out, RecordType type, List<String> names) {
    list(out, names, name -> out.number(type.require(name).number()));
  }

  /** Writes an array, each element by a function. */
  static <T> void list(JsonBuffer out, List<T> elements, Consumer<T> write) {
    out.raw('[');
    for (int i = 0; i < elements.size(); i++) {
      if (i > 0) {
        out.raw(',');
      }
      write.accept(elements.get(i));
    }
    out.raw(']');
  }

  /** Reads a stored schema. */
  static Stored read(byte[] json) {
    try {
      Obj schema = (Obj) JsonValue.read(json);
      List<RecordType> types = elements(schema, "types").stream().map(SchemaJson::type).toList();
      List<StoredIndex> indexes =
          elements(schema, "indexes").stream()
              .map(index -> new StoredIndex(
                  number(index, "number"), text(index, "name"), member(index, "definition")))
              .toList();
      return new Stored(
          number(schema, "version"), types, indexes, elements(schema, "upgrades"));
    } catch (JsonException | ClassCastException | NumberFormatException e) {
      throw new RecordException.Damaged("The stored schema cannot be read: " + e.getMessage());
    }
  }

  private static RecordType type(JsonValue json) {
    List<Field> fields = new ArrayList<>();
    for (JsonValue each : elements(json, "fields")) {
      Optional<Object> initial =
          Optional.ofNullable(((Obj) each).members().get("initial")).map(JsonCodec::read);
      FieldType type = FieldType.named(text(each, "type"));
      fields.add(new Field(number(each, "number"), text(each, "name"), type, initial));
    }
    RecordType keyless =
        new RecordType(
            number(json, "number"), text(json, "name"), fields, List.of(), RecordCodec.JSON);
    String[] key =
        elements(json, "key").stream()
            .map(SchemaJson::integer)
            .map(each -> keyless.find(each).orElseThrow(() -> missing("key")).name())
            .toArray(String[]::new);
    return keyless.key(key);
  }

  static JsonValue member(JsonValue object, String name) {
    JsonValue member = ((Obj) object).members().get(name);
    if (member == null) {
      throw missing(name);
    }
    return member;
  }

  static List<JsonValue> elements(JsonValue object, String name) {
    return ((Arr) member(object, name)).elements();
  }

  static String text(JsonValue object, String name) {
    return ((Str) member(object, name)).text();
  }

  static int number(JsonValue object, String name) {
    return integer(member(object, name));
  }

  static int integer(JsonValue json) {
    return Integer.parseInt(((Num) json).text());
  }

  static RecordException.Damaged missing(String name) {
    return new RecordException.Damaged("The stored schema lacks " + name);
  }
}
