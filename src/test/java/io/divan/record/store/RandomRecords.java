package io.divan.record.store;

import io.divan.record.FieldType;
import io.divan.record.Index;
import io.divan.record.Key;
import io.divan.record.Predicate;
import io.divan.record.Query;
import io.divan.record.Rec;
import io.divan.record.RecordType;
import io.divan.record.Schema;
import io.divan.record.Sort;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Random schemas, records and queries, with few values, so that records share them. */
final class RandomRecords {
  private static final List<String> TEXTS = List.of("", "a", "a\0", "a\0b", "ab", "b", "é");
  private static final Map<String, FieldType> FIELDS =
      Map.of(
          "text", FieldType.TEXT,
          "number", FieldType.INTEGER,
          "real", FieldType.DOUBLE,
          "flag", FieldType.BOOLEAN,
          "bytes", FieldType.BYTES,
          "tags", FieldType.arrayOf(FieldType.TEXT));
  private static final List<String> NAMES =
      Stream.concat(FIELDS.keySet().stream().sorted(), Stream.of("id", "part")).toList();

  private final Random random;
  private final RecordType type;

  /** The fields of indexes and of most queries. */
  private final List<String> popular;

  RandomRecords(Random random) {
    this.random = random;
    RecordType one = RecordType.of(1 + random.nextInt(3), "thing");
    int number = 1;
    for (String name : FIELDS.keySet().stream().sorted().toList()) {
      one = one.field(number++, name, FIELDS.get(name));
    }
    one = one.field(number++, "id", FieldType.INTEGER).field(number, "part", FieldType.TEXT);
    this.popular = names(3);
    this.type = random.nextBoolean() ? one.key("id") : one.key("part", "id");
  }

  Schema schema() {
    Schema schema = Schema.version(1).type(type);
    for (int i = random.nextInt(4) * 4; i > 0; i--) {
      schema = schema.index(index("i" + i));
    }
    return schema;
  }

  Index index(String name) {
    if (random.nextInt(4) == 0) {
      return Index.count(name, "thing", popular(random.nextInt(3)).toArray(String[]::new));
    }
    List<Index.Column> columns =
        popular(1 + random.nextInt(3)).stream()
            .map(field -> new Index.Column(field, random.nextInt(3) == 0))
            .toList();
    boolean elements =
        columns.stream().anyMatch(column -> column.field().equals("tags"))
            && random.nextInt(4) > 0;
    return new Index.Value(
        name,
        "thing",
        columns,
        elements ? Optional.of("tags") : Optional.empty(),
        false,
        random.nextInt(4) == 0,
        random.nextBoolean()
            ? List.of()
            : names(random.nextInt(5)).stream()
                .filter(
                    field -> columns.stream().noneMatch(column -> column.field().equals(field)))
                .toList());
  }

  private List<String> popular(int count) {
    return some(random.nextInt(8) == 0 ? NAMES : popular, count);
  }

  private List<String> names(int count) {
    return some(NAMES, count);
  }

  private List<String> some(List<String> from, int count) {
    List<String> names = new ArrayList<>(from);
    Collections.shuffle(names, random);
    return List.copyOf(names.subList(0, count));
  }

  Rec rec() {
    Rec rec = Rec.of("thing").with("id", random.nextInt(20) - 5).with("part", text());
    for (String name : FIELDS.keySet().stream().sorted().toList()) {
      if (random.nextInt(5) > 0) {
        rec = rec.with(name, value(name));
      }
    }
    return rec;
  }

  Key key(Rec rec) {
    return new Key(type.key().stream().map(each -> rec.get(each).orElseThrow()).toList());
  }

  Query query() {
    List<Sort> sort =
        random.nextBoolean()
            ? List.of()
            : popular(1 + random.nextInt(2)).stream()
                .map(field -> new Sort(field, random.nextBoolean()))
                .toList();
    return new Query(
        "thing",
        switch (random.nextInt(4)) {
          case 0 -> simple();
          case 1 -> new Predicate.Or(IntStream.range(0, 3).mapToObj(i -> simple()).toList());
          default -> predicate(3);
        },
        sort,
        random.nextBoolean() ? List.of() : popular(1 + random.nextInt(3)),
        sort.isEmpty() || random.nextBoolean() ? 0 : 1_000);
  }

  /** Conditions as indexes support them. */
  private Predicate simple() {
    return new Predicate.And(
        IntStream.range(0, 1 + random.nextInt(2)).mapToObj(i -> predicate(0)).toList());
  }

  private Predicate predicate(int depth) {
    int kind = random.nextInt(depth == 0 ? 8 : 14);
    String field = popular(1).getFirst();
    return switch (kind) {
      case 0, 1, 2 -> Predicate.eq(field, value(field));
      case 3 ->
          new Predicate.Compare(
              field,
              Predicate.Op.values()[random.nextInt(Predicate.Op.values().length)],
              value(field));
      case 4 ->
          new Predicate.In(
              field,
              IntStream.range(0, random.nextInt(4)).mapToObj(i -> value(field)).toList());
      case 5 ->
          switch (random.nextInt(3)) {
            case 0 -> Predicate.startsWith("text", text());
            case 1 -> Predicate.startsWith("bytes", bytes());
            default -> Predicate.contains("tags", text());
          };
      case 6 -> Predicate.contains("tags", text());
      case 7 ->
          random.nextInt(3) > 0
              ? Predicate.isNull(field)
              : Predicate.test(rec -> rec.value("text") != null, "has text");
      case 8 -> Predicate.not(predicate(depth - 1));
      case 9, 10, 11 -> new Predicate.And(predicates(depth - 1));
      default -> new Predicate.Or(predicates(depth - 1));
    };
  }

  private List<Predicate> predicates(int depth) {
    return IntStream.range(0, random.nextInt(10) == 0 ? 0 : 1 + random.nextInt(3))
        .mapToObj(i -> predicate(depth))
        .toList();
  }

  private String text() {
    return TEXTS.get(random.nextInt(TEXTS.size()));
  }

  private byte[] bytes() {
    byte[] bytes = new byte[random.nextInt(3)];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (random.nextInt(3) - 1);
    }
    return bytes;
  }

  private Object value(String field) {
    return switch (field) {
      case "number" -> random.nextInt(8) == 0 ? Long.MAX_VALUE : random.nextInt(7) - 3;
      case "id" -> random.nextInt(20) - 5;
      case "real" -> List.of(-0.0, 0.0, -1.5, 1.0, 1e300).get(random.nextInt(5));
      case "flag" -> random.nextBoolean();
      case "bytes" -> bytes();
      case "tags" -> IntStream.range(0, random.nextInt(4)).mapToObj(i -> text()).toList();
      default -> text();
    };
  }
}
