package io.divan.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.storage.Seeds;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Compares the order of encoded values with the order of the values. */
class CollatedKeysTest {
  private static final long SEED = Seeds.seed(18);
  private static final int PAIRS = Integer.getInteger("divan.collation.pairs", 4_000);
  private static final Path COLLATION =
      Path.of("src", "test", "resources", "selectors", "collation.txt");

  /** Strings in the order in which an index of CouchDB 3.5.2 returned them. */
  private static final List<String> COUCHDB_ORDER =
      List.of(
          "", "\u0001", "\u00ad", " ", "_", "-", "\ud83d\ude00", "1", "10", "2", "a", "a\u00ad",
          "a\u0000", "A", "\u00e1", "aa", "ab", "Ab", "b", "B", "ba", "bb", "\u00e9", "e\u0301",
          "o", "\u00f6", "ss", "\u00df", "z", "Z", "zz", "\u3042", "\u65e5\u672c", "\ufffd",
          "\uffff");

  private static final List<String> TEXTS =
      List.of("", "a", "A", "ab", "a b", "\u00e9", "e\u0301", "\uffff", "\u65e5", "z1", "Z10");

  private final Random random = new Random(SEED);

  @Test
  void encode_randomPairs_sameOrderAsTheValues() {
    for (int i = 0; i < PAIRS; i++) {
      JsonValue a = value(3);
      JsonValue b = random.nextInt(4) == 0 ? changed(a) : value(3);
      int keys = Arrays.compareUnsigned(CollatedKeys.encode(a), CollatedKeys.encode(b));
      assertThat(Integer.signum(keys))
          .as("%s and %s; %s", a.toJson(), b.toJson(), Seeds.replay(SEED))
          .isEqualTo(Integer.signum(JsonOrder.COLLATED.compare(a, b)));
    }
  }

  @Test
  void encode_strings_orderOfCouchDb() {
    assertThat(COUCHDB_ORDER).hasSize(35);
    for (int i = 1; i < COUCHDB_ORDER.size(); i++) {
      assertThat(
          Arrays.compareUnsigned(
              CollatedKeys.encode(new JsonValue.Str(COUCHDB_ORDER.get(i - 1))),
              CollatedKeys.encode(new JsonValue.Str(COUCHDB_ORDER.get(i)))))
          .as("%s and %s", COUCHDB_ORDER.get(i - 1), COUCHDB_ORDER.get(i))
          .isLessThanOrEqualTo(0);
    }
  }

  @Test
  void encode_values_orderOfCouchDb() throws IOException {
    List<List<byte[]>> groups = new ArrayList<>();
    for (String line : Files.readAllLines(COLLATION)) {
      if (!line.startsWith("#")) {
        groups.add(
            Arrays.stream(line.split(" = ")).map(v -> CollatedKeys.encode(json(v))).toList());
      }
    }
    assertThat(groups).hasSizeGreaterThan(100);
    for (int i = 0; i < groups.size(); i++) {
      for (int j = 0; j < groups.size(); j++) {
        for (byte[] a : groups.get(i)) {
          for (byte[] b : groups.get(j)) {
            assertThat(Integer.signum(Arrays.compareUnsigned(a, b)))
                .as("lines %s and %s", i, j)
                .isEqualTo(Integer.compare(i, j));
          }
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "null, 02",
    "true, 04",
    "0, 0502",
    "-0.0, 0502",
    "1, 050381010b00",
    "1.0, 050381010b00",
    "10, 050381020b00",
    "-1, 05017efef4ff",
    "0.5, 0503803300",
    "0.05, 05037efe3300",
    "12345, 050381050d233300",
    "'[]', 0700",
    "'[null,[]]', 0702070000",
    "{}, 0800",
  })
  void encode_value_bytes(String json, String hex) {
    assertThat(HexFormat.of().formatHex(CollatedKeys.encode(json(json)))).isEqualTo(hex);
  }

  @Test
  void encode_column_ownBytesDecideFirst() {
    for (int i = 0; i < PAIRS; i++) {
      List<JsonValue> a = List.of(value(2), value(1));
      List<JsonValue> b = List.of(random.nextBoolean() ? a.getFirst() : value(2), value(1));
      int first = JsonOrder.COLLATED.compare(a.getFirst(), b.getFirst());
      int expected =
          first != 0 ? first : JsonOrder.COLLATED.compare(a.getLast(), b.getLast());
      assertThat(Integer.signum(Arrays.compareUnsigned(joined(a), joined(b))))
          .as("%s and %s; %s", a, b, Seeds.replay(SEED))
          .isEqualTo(Integer.signum(expected));
    }
  }

  @Test
  void encode_cut_monotone() {
    for (int i = 0; i < PAIRS; i++) {
      JsonValue a = value(3);
      JsonValue b = random.nextInt(3) == 0 ? changed(a) : value(3);
      int max = 1 + random.nextInt(12);
      CollatedKeys.Key cut = CollatedKeys.encode(a, max);
      byte[] whole = CollatedKeys.encode(a);
      assertThat(cut.bytes()).isEqualTo(Arrays.copyOf(whole, Math.min(max, whole.length)));
      assertThat(cut.cut()).isEqualTo(whole.length > max);
      int order = JsonOrder.COLLATED.compare(a, b);
      int keys = Arrays.compareUnsigned(cut.bytes(), CollatedKeys.encode(b, max).bytes());
      assertThat(keys == 0 || Integer.signum(keys) == Integer.signum(order))
          .as("%s and %s at %s; %s", a.toJson(), b.toJson(), max, Seeds.replay(SEED))
          .isTrue();
    }
  }

  @Test
  void encode_longString_cut() {
    JsonValue text = new JsonValue.Str("long ".repeat(100_000));
    CollatedKeys.Key key = CollatedKeys.encode(text, 6_000);

    assertThat(key.bytes()).hasSize(6_000);
    assertThat(key.cut()).isTrue();
    assertThat(CollatedKeys.encode(text)).startsWith(key.bytes());
  }

  @Test
  void end_joinedValues_split() {
    for (int i = 0; i < PAIRS; i++) {
      List<JsonValue> values = List.of(value(3), value(2));
      byte[] key = joined(values);
      int end = CollatedKeys.end(key, 0);

      assertThat(Arrays.copyOf(key, end))
          .as("%s; %s", values, Seeds.replay(SEED))
          .isEqualTo(CollatedKeys.encode(values.getFirst()));
      assertThat(CollatedKeys.end(key, end)).isEqualTo(key.length);
    }
  }

  @Test
  void decode_numbersLiteralsAndArrays_equalValue() {
    for (int i = 0; i < PAIRS; i++) {
      JsonValue value =
          random.nextBoolean()
              ? number()
              : new JsonValue.Arr(List.of(number(), JsonValue.Literal.NULL));
      JsonValue decoded = CollatedKeys.decode(CollatedKeys.encode(value), 0).orElseThrow();

      assertThat(JsonOrder.COLLATED.compare(decoded, value))
          .as("%s read as %s; %s", value.toJson(), decoded.toJson(), Seeds.replay(SEED))
          .isZero();
      assertThat(json(decoded.toJson())).isEqualTo(decoded);
    }
    assertThat(CollatedKeys.decode(CollatedKeys.encode(json("{}")), 0)).contains(json("{}"));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0", "-0.0, 0", "100, 100", "1.50, 1.5", "-12e-3, -1.2e-2", "1e20, 100000000000000000000",
    "1e21, 1e21", "0.25, 0.25", "1e-99999999999999999999, 1e-99999999999999999999",
    "123456789012345678901.5, 123456789012345678901.5"
  })
  void decode_number_plainText(String json, String decoded) {
    assertThat(CollatedKeys.decode(CollatedKeys.encode(json(json)), 0))
        .contains(new JsonValue.Num(decoded));
  }

  @ParameterizedTest
  @CsvSource({"'\"a\"'", "'[\"a\"]'", "'{\"a\":1}'"})
  void decode_string_absent(String json) {
    assertThat(CollatedKeys.decode(CollatedKeys.encode(json(json)), 0)).isEmpty();
  }

  @Test
  void end_incompleteBytes_refused() {
    byte[] whole = CollatedKeys.encode(json("[1,\"a\",{\"b\":1e400}]"));
    for (int length = 0; length < whole.length; length++) {
      byte[] part = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> CollatedKeys.end(part, 0))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  private static byte[] joined(List<JsonValue> values) {
    ByteArrayOutputStream key = new ByteArrayOutputStream();
    values.forEach(value -> key.writeBytes(CollatedKeys.encode(value)));
    return key.toByteArray();
  }

  private JsonValue value(int depth) {
    return switch (random.nextInt(depth == 0 ? 5 : 8)) {
      case 0 -> JsonValue.Literal.values()[random.nextInt(3)];
      case 1, 2 -> number();
      case 3, 4 -> new JsonValue.Str(text());
      case 5, 6 -> {
        List<JsonValue> elements = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
          elements.add(value(depth - 1));
        }
        yield new JsonValue.Arr(elements);
      }
      default -> {
        Map<String, JsonValue> members = new LinkedHashMap<>();
        for (int i = random.nextInt(4); i > 0; i--) {
          members.put(text(), value(depth - 1));
        }
        yield new JsonValue.Obj(members);
      }
    };
  }

  /** A value that begins as another one. */
  private JsonValue changed(JsonValue value) {
    return switch (value) {
      case JsonValue.Str(String text) -> new JsonValue.Str(text + text());
      case JsonValue.Num(String text) ->
          text.contains(".")
              ? new JsonValue.Num(text.replace(".", "." + random.nextInt(10)))
              : new JsonValue.Num(text.contains("e") ? text + "1" : text + ".0");
      case JsonValue.Arr(List<JsonValue> elements) when !elements.isEmpty() -> {
        List<JsonValue> others = new ArrayList<>(elements);
        others.set(others.size() - 1, changed(others.getLast()));
        yield new JsonValue.Arr(others);
      }
      default -> value;
    };
  }

  private String text() {
    if (random.nextInt(3) > 0) {
      return TEXTS.get(random.nextInt(TEXTS.size()));
    }
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(5); i >= 0; i--) {
      int point = random.nextInt(3) == 0 ? random.nextInt(0x11_0000) : random.nextInt(0x300);
      text.appendCodePoint(Character.isSurrogate((char) point) && point < 0x1_0000 ? 'x' : point);
    }
    return text.toString();
  }

  private JsonValue number() {
    StringBuilder text = new StringBuilder(random.nextInt(3) == 0 ? "-" : "");
    long most = random.nextBoolean() ? 30 : 1L << 60;
    text.append(random.nextInt(4) == 0 ? 0 : 1 + random.nextLong(most));
    if (random.nextInt(3) == 0) {
      text.append('.').append(random.nextInt(random.nextBoolean() ? 10 : 100_000));
    }
    if (random.nextInt(4) == 0) {
      text.append('e').append(random.nextInt(800) - 400);
    } else if (random.nextInt(20) == 0) {
      text.append("e-").append("9".repeat(1 + random.nextInt(400)));
    } else if (random.nextInt(20) == 0) {
      text.append("e").append("9".repeat(1 + random.nextInt(400)));
    }
    return new JsonValue.Num(text.toString());
  }

  private static JsonValue json(String text) {
    return JsonValue.read(text.getBytes(StandardCharsets.UTF_8));
  }
}
