package io.divan.record.store;

import io.divan.record.Field;
import io.divan.record.FieldType;
import io.divan.record.Index;
import io.divan.record.Rec;
import io.divan.record.RecordType;
import io.divan.record.Schema;
import io.divan.record.Upgrade;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;

/** A random schema that evolves, and the records that a store of it must have. */
final class ModelSchema {
  private static final List<FieldType> TYPES =
      List.of(
          FieldType.TEXT, FieldType.INTEGER, FieldType.DOUBLE, FieldType.BOOLEAN,
          FieldType.BYTES, FieldType.TUPLE, FieldType.arrayOf(FieldType.TEXT),
          FieldType.arrayOf(FieldType.INTEGER));

  /** A step that sets a field of older records to a value. */
  private record Step(int fromVersion, int type, int field, Object value) {}

  private final Random random;
  private final List<RecordType> types = new ArrayList<>();
  private final List<Index> indexes = new ArrayList<>();
  private final List<Step> steps = new ArrayList<>();

  /** The records by type and packed key. */
  final Map<String, TreeMap<String, Rec>> records = new TreeMap<>();

  private int version;
  private int names;
  private int numbers;

  ModelSchema(Random random) {
    this.random = random;
    for (int i = 0; i <= random.nextInt(2); i++) {
      addType();
    }
    for (int i = 0; i < 5; i++) {
      addIndex();
    }
    version = 1;
  }

  Schema schema() {
    Schema schema = new Schema(version, types, indexes, List.of());
    for (Step step : steps) {
      RecordType type = schema.findType(step.type()).orElseThrow();
      String field = type.find(step.field()).orElseThrow().name();
      schema =
          schema.upgrade(
              new Upgrade(
                  step.fromVersion(),
                  type.name(),
                  List.of(field),
                  rec -> rec.with(field, step.value())));
    }
    return schema;
  }

  List<RecordType> types() {
    return types;
  }

  /** Changes the schema, and the records as reading them will. */
  void evolve() {
    for (int i = random.nextInt(3); i >= 0; i--) {
      switch (random.nextInt(10)) {
        case 0 -> addType();
        case 1 -> removeType();
        case 2 -> renameField();
        case 3 -> removeField();
        case 4 -> step();
        case 5, 6 -> addField();
        case 7 -> removeIndex();
        default -> addIndex();
      }
    }
    version += 1 + random.nextInt(2);
  }

  private void addType() {
    RecordType type = RecordType.of(++numbers, "type" + ++names);
    int keys = 1 + random.nextInt(2);
    List<String> key = new ArrayList<>();
    for (int i = 0; i < keys + 4; i++) {
      FieldType of = i < keys ? TYPES.get(random.nextInt(6)) : fieldType();
      type = type.field(i + 1, "f" + ++names, of);
      if (i < keys) {
        key.add("f" + names);
      }
    }
    types.add(type.key(key.toArray(String[]::new)));
    records.put(type.name(), new TreeMap<>());
  }

  private FieldType fieldType() {
    return TYPES.get(random.nextInt(TYPES.size()));
  }

  private RecordType pickType() {
    return types.get(random.nextInt(types.size()));
  }

  private void removeType() {
    if (types.size() > 1) {
      RecordType type = types.remove(random.nextInt(types.size()));
      indexes.removeIf(index -> index.types().contains(type.name()));
      steps.removeIf(step -> step.type() == type.number());
      records.remove(type.name());
    }
  }

  private void addField() {
    RecordType type = pickType();
    int number = ++numbers + 100; // never used before
    FieldType of = fieldType();
    Optional<Object> initial = random.nextBoolean() ? Optional.of(some(of)) : Optional.empty();
    Field field = new Field(number, "f" + ++names, of, initial);
    types.set(types.indexOf(type), type.field(field));
    each(type, rec -> rec.with(field.name(), initial.orElse(null)));
  }

  private void each(RecordType type, java.util.function.UnaryOperator<Rec> change) {
    of(type).replaceAll((key, rec) -> change.apply(rec));
  }

  TreeMap<String, Rec> of(RecordType type) {
    return java.util.Objects.requireNonNull(records.get(type.name()));
  }

  private Optional<Field> pickField(RecordType type) {
    List<Field> free =
        type.fields().stream()
            .filter(field -> !type.key().contains(field.name()))
            .filter(
                field -> indexes.stream()
                    .noneMatch(
                        index -> index.types().contains(type.name())
                            && index.fields().contains(field.name())))
            .toList();
    return free.isEmpty()
        ? Optional.empty()
        : Optional.of(free.get(random.nextInt(free.size())));
  }

  private void renameField() {
    RecordType type = pickType();
    pickField(type).ifPresent(
        field -> {
          String name = "f" + ++names;
          List<Field> fields =
              type.fields().stream()
                  .map(each -> each.equals(field)
                      ? new Field(field.number(), name, field.type(), field.initial())
                      : each)
                  .toList();
          replace(type, fields);
          each(
              type,
              rec -> rec.with(name, rec.value(field.name())).with(field.name(), null));
        });
  }

  private void replace(RecordType type, List<Field> fields) {
    types.set(
        types.indexOf(type),
        new RecordType(type.number(), type.name(), fields, type.key(), type.codec()));
  }

  private void removeField() {
    RecordType type = pickType();
    pickField(type).ifPresent(
        field -> {
          replace(type, type.fields().stream().filter(each -> !each.equals(field)).toList());
          steps.removeIf(
              step -> step.type() == type.number() && step.field() == field.number());
          each(type, rec -> rec.with(field.name(), null));
        });
  }

  private void step() {
    RecordType type = pickType();
    List<Field> free =
        type.fields().stream().filter(each -> !type.key().contains(each.name())).toList();
    if (!free.isEmpty()) {
      Field field = free.get(random.nextInt(free.size()));
      Object value = some(field.type());
      steps.add(new Step(version, type.number(), field.number(), value));
      each(type, rec -> rec.with(field.name(), value));
    }
  }

  private void removeIndex() {
    if (!indexes.isEmpty()) {
      indexes.remove(random.nextInt(indexes.size()));
    }
  }

  private void addIndex() {
    RecordType type = pickType();
    String name = "i" + ++names;
    List<Field> fields = new ArrayList<>(type.fields());
    java.util.Collections.shuffle(fields, random);
    List<Field> scalars =
        fields.stream().filter(each -> each.type().kind() != FieldType.Kind.ARRAY).toList();
    String first = scalars.getFirst().name();
    String second = fields.getLast().name();
    switch (random.nextInt(7)) {
      case 0 -> indexes.add(Index.count(name, type.name()));
      case 1 -> indexes.add(Index.count(name, type.name(), first));
      case 2 ->
          scalars.stream()
              .filter(each -> each.type().kind() == FieldType.Kind.INTEGER)
              .findFirst()
              .ifPresent(each -> indexes.add(
                  Index.sum(
                      name, type.name(), each.name(),
                      random.nextBoolean() ? new String[] {first} : new String[0])));
      case 3 ->
          indexes.add(
              new Index.Ever(name, type.name(), second, List.of(), random.nextBoolean()));
      case 4 ->
          indexes.add(
              new Index.Versionstamp(
                  name,
                  random.nextBoolean()
                      ? List.of(type.name())
                      : types.stream().map(RecordType::name).toList(),
                  random.nextInt(4) == 0));
      default -> indexes.add(value(name, type, fields));
    }
  }

  private Index value(String name, RecordType type, List<Field> fields) {
    int count = 1 + random.nextInt(2);
    List<Index.Column> columns = new ArrayList<>();
    Optional<String> elements = Optional.empty();
    for (Field field : fields.subList(0, count)) {
      columns.add(new Index.Column(field.name(), random.nextBoolean()));
      if (field.type().kind() == FieldType.Kind.ARRAY && random.nextInt(3) > 0) {
        elements = Optional.of(field.name());
      }
    }
    List<String> covering =
        random.nextBoolean() ? List.of(fields.get(count).name()) : List.of();
    return new Index.Value(
        name, type.name(), columns, elements, random.nextInt(4) == 0, random.nextBoolean(),
        covering);
  }

  /** Returns a record with random values, few enough that keys and columns repeat. */
  Rec rec(RecordType type) {
    Rec rec = Rec.of(type.name());
    for (Field field : type.fields()) {
      boolean key = type.key().contains(field.name());
      rec = rec.with(field.name(), key || random.nextInt(4) > 0 ? some(field.type()) : null);
    }
    return rec;
  }

  private Object some(FieldType type) {
    int small = random.nextInt(5);
    return switch (type.kind()) {
      case TEXT -> random.nextInt(200) == 0 ? "long ".repeat(60_000) : "a\0b".repeat(small);
      case INTEGER -> small - 2L;
      case DOUBLE -> small == 0 ? Double.NaN : (small - 2) / 2.0;
      case BOOLEAN -> small > 2;
      case BYTES -> new byte[] {(byte) (small - 2), 0};
      case TUPLE -> List.of("t", (long) small, List.of());
      case ARRAY -> {
        List<Object> elements = new ArrayList<>();
        for (int i = 0; i < small; i++) {
          elements.add(some(type.element().orElseThrow()));
        }
        yield elements;
      }
    };
  }
}
