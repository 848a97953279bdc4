package io.divan.record.store;

import io.divan.json.JsonBuffer;
import io.divan.json.JsonValue;
import io.divan.json.JsonValue.Obj;
import io.divan.record.Index;
import io.divan.record.RecordException;
import io.divan.record.RecordType;
import io.divan.record.Schema;
import io.divan.record.store.SchemaJson.Stored;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The definitions of indexes as JSON: everything that determines their rows. Types and fields are
 * numbers; a descending column has the negative number of its field.
 */
final class IndexJson {
  private IndexJson() {}

  /** Returns everything that determines the rows of an index. */
  static byte[] definition(Schema schema, Index index) {
    JsonBuffer out = new JsonBuffer();
    RecordType type = schema.requireType(index.types().getFirst());
    switch (index) {
      case Index.Value value -> {
        out.raw("{\"kind\":\"value\",\"type\":").number(type.number()).raw(",\"columns\":");
        SchemaJson.list(
            out,
            value.columns(),
            column -> {
              int field = type.require(column.field()).number();
              out.number(column.descending() ? -field : field);
            });
        value.fanOut().ifPresent(
            field -> out.raw(",\"elements\":").number(type.require(field).number()));
        out.raw(value.unique() ? ",\"unique\":true" : "");
        out.raw(value.sparse() ? ",\"sparse\":true" : "");
        if (!value.covering().isEmpty()) {
          SchemaJson.fields(out.raw(",\"covering\":"), type, value.covering());
        }
      }
      case Index.Count count -> {
        out.raw("{\"kind\":\"count\",\"type\":").number(type.number());
        SchemaJson.fields(out.raw(",\"group\":"), type, count.group());
      }
      case Index.Sum sum -> {
        out.raw("{\"kind\":\"sum\",\"type\":").number(type.number());
        out.raw(",\"field\":").number(type.require(sum.field()).number());
        SchemaJson.fields(out.raw(",\"group\":"), type, sum.group());
      }
      case Index.Ever ever -> {
        out.raw(ever.max() ? "{\"kind\":\"max ever\"" : "{\"kind\":\"min ever\"");
        out.raw(",\"type\":").number(type.number());
        out.raw(",\"field\":").number(type.require(ever.field()).number());
        SchemaJson.fields(out.raw(",\"group\":"), type, ever.group());
      }
      case Index.Versionstamp feed -> {
        out.raw("{\"kind\":\"feed\",\"types\":");
        SchemaJson.list(out, feed.types(), name -> out.number(schema.requireType(name).number()));
        out.raw(feed.history() ? ",\"history\":true" : "");
      }
    }
    return out.raw('}').toBytes();
  }

  /** Returns the index with this definition and the names of the stored schema. */
  static Index read(Stored schema, String name, JsonValue definition) {
    String kind = SchemaJson.text(definition, "kind");
    if (kind.equals("feed")) {
      return new Index.Versionstamp(
          name,
          SchemaJson.elements(definition, "types").stream()
              .map(SchemaJson::integer)
              .map(number -> type(schema, number).name())
              .toList(),
          has(definition, "history"));
    }
    RecordType type = type(schema, SchemaJson.number(definition, "type"));
    return switch (kind) {
      case "value" -> value(type, name, definition);
      case "count" -> new Index.Count(name, type.name(), names(type, definition, "group"));
      case "sum" ->
          new Index.Sum(
              name, type.name(), field(type, definition), names(type, definition, "group"));
      case "max ever", "min ever" ->
          new Index.Ever(
              name,
              type.name(),
              field(type, definition),
              names(type, definition, "group"),
              kind.equals("max ever"));
      default -> throw new RecordException.Damaged("Index " + name + " is of kind " + kind);
    };
  }

  private static Index value(RecordType type, String name, JsonValue definition) {
    List<Index.Column> columns = new ArrayList<>();
    for (JsonValue each : SchemaJson.elements(definition, "columns")) {
      int number = SchemaJson.integer(each);
      columns.add(new Index.Column(field(type, Math.abs(number)), number < 0));
    }
    Optional<String> elements =
        has(definition, "elements")
            ? Optional.of(field(type, SchemaJson.number(definition, "elements")))
            : Optional.empty();
    List<String> covering =
        has(definition, "covering") ? names(type, definition, "covering") : List.of();
    return new Index.Value(
        name,
        type.name(),
        columns,
        elements,
        has(definition, "unique"),
        has(definition, "sparse"),
        covering);
  }

  private static boolean has(JsonValue definition, String member) {
    return ((Obj) definition).members().containsKey(member);
  }

  private static RecordType type(Stored schema, int number) {
    return schema.findType(number).orElseThrow(() -> SchemaJson.missing("type " + number));
  }

  private static String field(RecordType type, JsonValue definition) {
    return field(type, SchemaJson.number(definition, "field"));
  }

  private static String field(RecordType type, int number) {
    return type.find(number).orElseThrow(() -> SchemaJson.missing("field " + number)).name();
  }

  private static List<String> names(RecordType type, JsonValue definition, String member) {
    return SchemaJson.elements(definition, member).stream()
        .map(each -> field(type, SchemaJson.integer(each)))
        .toList();
  }
}
