package io.divan.record.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.record.FieldType;
import io.divan.record.Index;
import io.divan.record.Key;
import io.divan.record.Predicate;
import io.divan.record.Query;
import io.divan.record.ReadLimits;
import io.divan.record.Rec;
import io.divan.record.RecordCodec;
import io.divan.record.RecordException;
import io.divan.record.RecordSpace;
import io.divan.record.RecordType;
import io.divan.record.Schema;
import io.divan.record.Upgrade;
import io.divan.record.index.IndexScrub;
import io.divan.storage.ReferenceAdapter;
import io.divan.storage.StorageAdapter;
import io.divan.storage.Store;
import io.divan.storage.checked.CheckedAdapter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Records in a program's own binary form: a Java record of measurements. */
class RecordCodecTest {

  /** What the program works with. */
  private record Series(String sensor, long start, List<Double> values, Optional<String> unit) {

    static Series of(Rec rec) {
      List<Double> values =
          ((List<?>) rec.get("values").orElse(List.of()))
              .stream().map(Double.class::cast).toList();
      return new Series(
          rec.text("sensor"),
          rec.number("start"),
          values,
          rec.get("unit").map(String.class::cast));
    }

    Rec toRec() {
      return Rec.of("series")
          .with("sensor", sensor)
          .with("start", start)
          .with("values", values)
          .with("unit", unit.orElse(null));
    }
  }

  /**
   * Fields by their numbers, each with its length, so that a decoder skips those that the type
   * lacks. Doubles have eight bytes each.
   */
  private static final class Compact implements RecordCodec {
    @Override
    public byte[] encode(RecordType type, Rec rec) {
      ByteBuffer out = ByteBuffer.allocate(1_000_000);
      for (io.divan.record.Field field : type.fields()) {
        rec.get(field.name()).ifPresent(value -> write(out, field.number(), value));
      }
      byte[] bytes = new byte[out.flip().remaining()];
      out.get(bytes);
      return bytes;
    }

    private static void write(ByteBuffer out, int number, Object value) {
      out.put((byte) number);
      switch (value) {
        case String text -> {
          byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
          out.putInt(bytes.length).put(bytes);
        }
        case Long integer -> out.putInt(Long.BYTES).putLong(integer);
        case List<?> doubles -> {
          out.putInt(doubles.size() * Double.BYTES);
          doubles.forEach(each -> out.putDouble((Double) each));
        }
        default -> throw new IllegalArgumentException("No form for " + value);
      }
    }

    @Override
    public Rec decode(RecordType type, byte[] bytes) {
      ByteBuffer in = ByteBuffer.wrap(bytes);
      Rec rec = Rec.of(type.name());
      while (in.hasRemaining()) {
        int number = in.get();
        byte[] value = new byte[in.getInt()];
        in.get(value);
        Optional<io.divan.record.Field> field = type.find(number);
        if (field.isPresent()) {
          rec = rec.with(field.get().name(), read(field.get().type().kind(), value));
        }
      }
      return rec;
    }

    private static Object read(FieldType.Kind kind, byte[] value) {
      ByteBuffer in = ByteBuffer.wrap(value);
      return switch (kind) {
        case TEXT -> new String(value, StandardCharsets.UTF_8);
        case INTEGER -> in.getLong();
        case ARRAY ->
            IntStream.range(0, value.length / Double.BYTES)
                .mapToObj(i -> (Object) in.getDouble())
                .toList();
        default -> throw new IllegalArgumentException("No form for " + kind);
      };
    }
  }

  private static final RecordType SERIES =
      RecordType.of(1, "series")
          .field(1, "sensor", FieldType.TEXT)
          .field(2, "start", FieldType.INTEGER)
          .field(3, "values", FieldType.arrayOf(FieldType.DOUBLE))
          .field(4, "unit", FieldType.TEXT)
          .key("sensor", "start")
          .codec(new Compact());
  private static final Schema SCHEMA =
      Schema.version(1)
          .type(SERIES)
          .index(Index.value("unit", "series", "unit", "start"))
          .index(Index.value("values", "series", "values").elements("values"))
          .index(Index.count("sensors", "series", "sensor"));
  private static final RecordSpace SPACE = RecordSpace.whole();

  private final StorageAdapter adapter = new CheckedAdapter(new ReferenceAdapter());
  private final Store store = adapter.create("db", transaction -> {});

  @AfterEach
  void close() {
    adapter.close();
  }

  private static Series series(String sensor, int start, int values) {
    return new Series(
        sensor,
        start,
        IntStream.range(0, values).mapToObj(i -> (double) (i % 900)).toList(),
        start % 2 == 0 ? Optional.of("°C") : Optional.empty());
  }

  private static void put(RecordStore records, Series... all) {
    records.write(
        transaction -> {
          for (Series each : all) {
            transaction.put(each.toRec());
          }
          return true;
        });
  }

  private static List<Series> find(RecordStore records, Predicate predicate) {
    return records
        .run(Query.of("series").where(predicate), ReadLimits.DEFAULT, Optional.empty())
        .records()
        .stream()
        .map(Series::of)
        .toList();
  }

  private static void assertWhole(RecordStore records) {
    while (records.buildStep()) {
      // until all indexes are built
    }
    for (Index index : records.schema().indexes()) {
      IndexScrub.Found found = records.scrub(index.name(), false);
      assertThat(found).isEqualTo(new IndexScrub.Found(found.checked(), 0, 0, 0, 0, false));
    }
  }

  @Test
  void put_ofManyChunks_isFoundByKeyAndIndex() {
    RecordStore records = RecordStore.open(store, SPACE, SCHEMA);
    Series small = series("a", 2, 10);
    Series large = series("b", 4, 30_000); // 240,000 bytes
    put(records, small, large, series("b", 5, 0));
    assertThat(
        records.<Optional<Rec>>read(reader -> reader.get("series", Key.of("b", 4)))
            .map(Series::of))
        .contains(large);
    assertThat(find(records, Predicate.eq("unit", "°C"))).containsExactly(small, large);
    assertThat(find(records, Predicate.contains("values", 9))).containsExactly(small, large);
    assertThat(find(records, Predicate.contains("values", 10.0))).containsExactly(large);
    put(records, series("b", 4, 20)); // fewer chunks
    assertThat(find(records, Predicate.contains("values", 500))).isEmpty();
    assertThat(records.<Long>read(reader -> reader.count("sensors", "b"))).isEqualTo(2);
    assertWhole(records);
  }

  @Test
  void evolve_decodesOlderRecords() {
    put(RecordStore.open(store, SPACE, SCHEMA), series("a", 2, 3), series("a", 3, 0));
    RecordType renamed =
        RecordType.of(1, "series")
            .field(1, "sensor", FieldType.TEXT)
            .field(2, "start", FieldType.INTEGER)
            .field(3, "values", FieldType.arrayOf(FieldType.DOUBLE))
            .field(5, "unit", FieldType.TEXT, "K") // 4 is removed
            .field(6, "length", FieldType.INTEGER)
            .key("sensor", "start")
            .codec(new Compact());
    Schema second =
        Schema.version(2)
            .type(renamed)
            .index(Index.value("unit", "series", "unit", "start"))
            .index(Index.sum("length", "series", "length"))
            .upgrade(
                new Upgrade(
                    1,
                    "series",
                    List.of("length"),
                    rec -> rec.with("length", Series.of(rec).values().size())));
    RecordStore records = RecordStore.open(store, SPACE, second);
    assertWhole(records);
    assertThat(find(records, Predicate.eq("unit", "K"))).hasSize(2);
    assertThat(records.<Long>read(reader -> reader.sum("length"))).isEqualTo(3);
    put(records, series("a", 3, 7));
    assertThat(find(records, Predicate.eq("unit", "K"))).hasSize(1);
    assertWhole(records);
  }

  @Test
  void open_withTheOtherCodec_readsBothForms() {
    put(RecordStore.open(store, SPACE, SCHEMA), series("a", 2, 3));
    RecordStore json = RecordStore.openStored(store, SPACE).orElseThrow();
    assertThatThrownBy(() -> find(json, Predicate.all()))
        .isInstanceOf(RecordException.Damaged.class)
        .hasMessage("A record of type series needs the codec that encoded it");
    json.write(
        transaction -> {
          transaction.insert(series("json", 1, 2).toRec());
          return true;
        });
    RecordStore own =
        RecordStore.openStored(
            store,
            SPACE,
            schema -> new Schema(
                schema.version(), List.of(SERIES), schema.indexes(), schema.upgrades()))
            .orElseThrow();
    assertThat(find(own, Predicate.all()))
        .containsExactly(series("a", 2, 3), series("json", 1, 2));
    assertWhole(own);
  }
}
