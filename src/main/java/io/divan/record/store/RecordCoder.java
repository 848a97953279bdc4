package io.divan.record.store;

import io.divan.record.Field;
import io.divan.record.Rec;
import io.divan.record.RecordCodec;
import io.divan.record.RecordException;
import io.divan.record.RecordType;
import io.divan.record.Schema;
import io.divan.record.Upgrade;
import io.divan.record.store.SchemaJson.Stored;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Encodes records of the current schema, and decodes those of any stored one. A record of an older
 * schema goes from version to version: its fields are found by their numbers, fields that are new
 * get their initial values, and the upgrade steps run.
 */
final class RecordCoder {
  private final Schema schema;

  /** Whether records of a version are those of the current schema. Stored versions never change. */
  private final Map<Written, Boolean> same = new ConcurrentHashMap<>();

  private record Written(int type, int version) {}

  RecordCoder(Schema schema) {
    this.schema = schema;
  }

  /** Returns a record with the values of its type's fields, in their order, all checked. */
  static Rec checked(RecordType type, Rec rec) {
    Map<String, Object> values = new LinkedHashMap<>();
    for (Field field : type.fields()) {
      Object value = normal(type, field, rec.value(field.name()));
      if (value != null) {
        values.put(field.name(), value);
      }
    }
    if (!values.keySet().containsAll(rec.fields())) {
      rec.fields().forEach(type::require);
    }
    return Rec.normal(type.name(), values);
  }

  private static @Nullable Object normal(
      RecordType type, Field field, @Nullable Object value) {
    try {
      return field.type().normal(value);
    } catch (RecordException.Invalid e) {
      throw new RecordException.Invalid(
          "Field " + field.name() + " of type " + type.name() + ": " + e.getMessage());
    }
  }

  /** Returns the chunks of a checked record. */
  List<byte[]> encode(RecordType type, Rec rec) {
    byte[] bytes = type.codec().encode(type, rec);
    if (bytes.length > Chunks.RECORD_BYTES_MAX) {
      throw new RecordException.Invalid(
          "A record of type " + type.name() + " has " + bytes.length + " bytes; the limit is "
              + Chunks.RECORD_BYTES_MAX);
    }
    boolean json = type.codec() == RecordCodec.JSON;
    return Chunks.write(new Chunks.Content(json, schema.version(), bytes));
  }

  /** Returns the record of these chunks. */
  Rec decode(Metadata metadata, RecordType type, List<byte[]> chunks) {
    Chunks.Content content = Chunks.read(chunks);
    List<Stored> history = metadata.history();
    int at = history.size() - 1;
    while (at >= 0 && history.get(at).version() != content.version()) {
      at--;
    }
    if (at < 0) {
      throw new RecordException.Damaged(
          "A record of type " + type.name() + " has schema version " + content.version()
              + ", which is not stored");
    }
    boolean current = at == history.size() - 1 || isCurrent(history, at, type);
    RecordType written = current ? type : typeAt(history.get(at), type).codec(type.codec());
    RecordCodec codec = content.json() ? RecordCodec.JSON : type.codec();
    if (!content.json() && codec == RecordCodec.JSON) {
      throw new RecordException.Damaged(
          "A record of type " + type.name() + " needs the codec that encoded it");
    }
    Rec rec = codec.decode(written, content.bytes());
    if (current) {
      return rec;
    }
    Map<Integer, Object> values = new HashMap<>();
    written.fields().forEach(
        field -> rec.get(field.name()).ifPresent(value -> values.put(field.number(), value)));
    for (int i = at; i < history.size() - 1; i++) {
      upgrade(values, history.get(i), history.get(i + 1), type);
    }
    Rec upgraded = Rec.of(type.name());
    for (Field field : type.fields()) {
      upgraded = upgraded.with(field.name(), values.get(field.number()));
    }
    return checked(type, upgraded);
  }

  /** Returns whether nothing has changed in a type since a version, as after most changes. */
  private boolean isCurrent(List<Stored> history, int at, RecordType type) {
    int version = history.get(at).version();
    return same.computeIfAbsent(
        new Written(type.number(), version),
        written -> steps(type, version, schema.version()).isEmpty()
            && history.subList(at, history.size()).stream()
                .allMatch(stored -> isSame(typeAt(stored, type), type)));
  }

  private static boolean isSame(RecordType stored, RecordType type) {
    return stored.fields().size() == type.fields().size()
        && type.fields().stream()
            .allMatch(
                field -> stored
                    .find(field.number())
                    .filter(other -> other.name().equals(field.name()))
                    .filter(other -> other.type().equals(field.type()))
                    .isPresent());
  }

  /** Returns the upgrade steps of a type between two versions, in their order. */
  private List<Upgrade> steps(RecordType type, int from, int to) {
    return schema.upgrades().stream()
        .filter(step -> step.type().equals(type.name()))
        .filter(step -> step.fromVersion() >= from)
        .filter(step -> step.fromVersion() < to)
        .sorted(Comparator.comparingInt(Upgrade::fromVersion))
        .toList();
  }

  private static RecordType typeAt(Stored stored, RecordType type) {
    return stored
        .findType(type.number())
        .orElseThrow(
            () -> new RecordException.Damaged(
                "Schema version " + stored.version() + " lacks type " + type.name()));
  }

  /**
   * Turns the values of a record of one stored version into those of the next.
   *
   * @param values the values by the numbers of their fields
   */
  private void upgrade(Map<Integer, Object> values, Stored before, Stored after, RecordType type) {
    RecordType from = typeAt(before, type);
    RecordType to = typeAt(after, type);
    for (Field field : to.fields()) {
      if (from.find(field.number()).isEmpty()) {
        field.initial().ifPresent(value -> values.putIfAbsent(field.number(), value));
      }
    }
    for (Upgrade step : steps(type, before.version(), after.version())) {
      Rec result = step.step().apply(named(values, from, to, type));
      for (String name : step.sets()) {
        int number = type.require(name).number();
        values.remove(number);
        result.get(name).ifPresent(value -> values.put(number, value));
      }
    }
    for (Field field : from.fields()) {
      if (to.find(field.number()).isEmpty()) {
        values.remove(field.number());
      }
    }
  }

  /** Returns values under the current names of their fields, removed ones under the last names. */
  private static Rec named(
      Map<Integer, Object> values, RecordType from, RecordType to, RecordType type) {
    Rec named = Rec.of(type.name());
    for (Map.Entry<Integer, Object> each : values.entrySet()) {
      int number = each.getKey();
      Optional<Field> current = type.find(number);
      Optional<Field> field = current.or(() -> to.find(number)).or(() -> from.find(number));
      String name = field.orElseThrow().name();
      if (current.isPresent() || type.find(name).isEmpty()) {
        named = named.with(name, each.getValue());
      }
    }
    return named;
  }
}
