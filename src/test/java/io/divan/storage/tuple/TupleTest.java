package io.divan.storage.tuple;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.apple.foundationdb.tuple.Tuple;
import io.divan.storage.Seeds;
import io.divan.storage.Versionstamp;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TupleTest {

  private static final List<String> TEXTS =
      List.of("", "a", "\u0000", "a\u0000b", "\u0000\u0000", "é", "\uFFFD", "😀", "\uFFFF", "日本");
  private static final List<byte[]> BYTES =
      List.of(
          new byte[0],
          new byte[] {0},
          new byte[] {0, 0, 0},
          new byte[] {0, -1},
          new byte[] {-1, 0, -1},
          new byte[] {1, 2, 3},
          new byte[300]);

  @ParameterizedTest
  @CsvSource({
    "0, 14", "1, 1501", "255, 15ff", "256, 160100", "-1, 13fe", "-255, 1300", "-256, 12feff",
    "9223372036854775807, 1c7fffffffffffffff", "-9223372036854775807, 0c8000000000000000",
    "-9223372036854775808, 0c7fffffffffffffff"
  })
  void add_integer_literal(long value, String hex) {
    assertThat(hex(new TupleWriter().add(value).toBytes())).isEqualTo(hex);
  }

  @Test
  void pack_everyType_literal() {
    byte[] packed =
        TupleWriter.pack(
            null,
            new byte[] {1, 0},
            "a\u0000",
            Arrays.asList(7, null),
            1.5f,
            -1.5,
            false,
            true,
            new UUID(1, 2),
            new Versionstamp(1, 2, 3),
            BigInteger.ONE.shiftLeft(64),
            BigInteger.ONE.shiftLeft(64).negate());

    assertThat(hex(packed))
        .isEqualTo(
            "00" + "010100ff00" + "026100ff00" + "05150700ff00" + "20bfc00000"
                + "214007ffffffffffff" + "26" + "27" + "3000000000000000010000000000000002"
                + "33000000000000000100020003" + "1d09010000000000000000"
                + "0bf6feffffffffffffffff");
  }

  static Stream<Object> edges() {
    Stream.Builder<Object> edges = Stream.builder();
    for (int bits = 0; bits <= 63; bits++) {
      for (long around = -2; around <= 2; around++) {
        edges.add((1L << bits) + around).add(-(1L << bits) + around);
      }
    }
    for (int bits : new int[] {63, 64, 65, 71, 72, 73, 127, 128, 1000, 2039}) {
      for (int around = -2; around <= 2; around++) {
        BigInteger edge = BigInteger.ONE.shiftLeft(bits).add(BigInteger.valueOf(around));
        edges.add(edge).add(edge.negate());
      }
    }
    TEXTS.forEach(edges::add);
    BYTES.forEach(edges::add);
    for (double number : new double[] {
      0, -0.0, 1, -1, 1e300, -1e300, Double.MIN_VALUE, Double.MAX_VALUE, Double.NaN,
      Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY
    }) {
      edges.add(number).add((float) number);
    }
    return edges.build();
  }

  @ParameterizedTest
  @MethodSource("edges")
  void addElement_edge_isAsFoundationDb(Object element) {
    assertIsAsFoundationDb(List.of(element));
    assertIsAsFoundationDb(List.of(List.of(element), element));
  }

  @Test
  void addElement_integerOf256Bytes_isRefused() {
    BigInteger tooLarge = BigInteger.ONE.shiftLeft(2040);
    assertThatIllegalArgumentException().isThrownBy(() -> new TupleWriter().add(tooLarge));
    assertThatIllegalArgumentException().isThrownBy(() -> new TupleWriter().add(tooLarge.negate()));
  }

  @Test
  void pack_nestedWithNulls_isAsFoundationDb() {
    assertIsAsFoundationDb(Arrays.asList(null, List.of(), Arrays.asList((Object) null), null));
    assertIsAsFoundationDb(
        List.of(Arrays.asList(null, Arrays.asList(null, "x", null), new byte[] {0}, null)));
  }

  @Test
  void pack_random_isAsFoundationDb() {
    long seed = Seeds.seed(20_260);
    Random random = new Random(seed);
    for (int i = 0; i < 5_000; i++) {
      List<@Nullable Object> elements = randomElements(random, 3);
      try {
        assertIsAsFoundationDb(elements);
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError(Seeds.replay(seed) + ": " + elements, e);
      }
    }
  }

  @Test
  void pack_random_sortsAsItsElements() {
    long seed = Seeds.seed(20_261);
    Random random = new Random(seed);
    for (int i = 0; i < 5_000; i++) {
      List<@Nullable Object> left = randomElements(random, 2);
      List<@Nullable Object> right = randomElements(random, 2);
      right = random.nextBoolean() ? right : changed(left, random);
      int expected = Tuple.fromList(fdb(left)).compareTo(Tuple.fromList(fdb(right)));
      int actual =
          Arrays.compareUnsigned(
              TupleWriter.pack(left.toArray()), TupleWriter.pack(right.toArray()));
      assertThat(Integer.signum(actual))
          .as("%s: %s and %s", Seeds.replay(seed), left, right)
          .isEqualTo(Integer.signum(expected));
    }
  }

  /** The elements with one replaced, so that tuples are compared beyond their first element. */
  private static List<@Nullable Object> changed(List<@Nullable Object> elements, Random random) {
    List<@Nullable Object> changed = new ArrayList<>(elements);
    if (!changed.isEmpty()) {
      changed.set(random.nextInt(changed.size()), randomElement(random, 1));
    }
    return changed;
  }

  @Test
  void pack_longer_beginsWithTheShorter() {
    byte[] shorter = TupleWriter.pack("a", 1, Arrays.asList(1, null));
    byte[] longer = TupleWriter.pack("a", 1, Arrays.asList(1, null), "more");
    assertThat(longer).startsWith(shorter);
  }

  @Test
  void addStampPlace_andTheStamp_isItsElement() {
    Versionstamp stamp = new Versionstamp(0x0102030405060708L, 0x090A, 0x0B0C);
    byte[] place = new TupleWriter().add("c").addStampPlace().toBytes();
    assertThat(hex(place) + stamp).isEqualTo(hex(TupleWriter.pack("c", stamp)));
  }

  @Test
  void reader_typedMethods_readWhatWasWritten() {
    byte[] bytes =
        new TupleWriter()
            .add("t")
            .add(new byte[] {0})
            .add(-5)
            .add(true)
            .add(Versionstamp.ZERO)
            .toBytes();
    TupleReader reader = new TupleReader(bytes);
    assertThat(reader.nextString()).isEqualTo("t");
    assertThat(reader.nextBytes()).containsExactly(0);
    assertThat(reader.nextLong()).isEqualTo(-5);
    assertThat(reader.nextBoolean()).isTrue();
    assertThat(reader.nextVersionstamp()).isEqualTo(Versionstamp.ZERO);
    assertThat(reader.hasNext()).isFalse();
    assertThat(new TupleReader(bytes, 3).nextBytes()).containsExactly(0);
  }

  @Test
  void reader_otherType_isRefused() {
    byte[] text = TupleWriter.pack("text");
    byte[] big = TupleWriter.pack(BigInteger.ONE.shiftLeft(63));
    assertThatIllegalArgumentException().isThrownBy(() -> new TupleReader(text).nextBytes());
    assertThatIllegalArgumentException().isThrownBy(() -> new TupleReader(text).nextLong());
    assertThatIllegalArgumentException().isThrownBy(() -> new TupleReader(text).nextBoolean());
    assertThatIllegalArgumentException().isThrownBy(() -> new TupleReader(text).nextVersionstamp());
    assertThatIllegalArgumentException().isThrownBy(() -> new TupleReader(big).nextLong());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new TupleReader(new byte[0]).nextString());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new TupleReader(text, text.length).nextElement());
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "01", "0141", "0100ff", "02", "026100ff", "05", "0500ff", "051501", "15", "1c00", "0c00",
    "1d", "1d09", "1d0901", "0b", "0bf6", "20bfc0", "21", "30", "3000", "33", "330000", "03",
    "ff", "25", "28", "32", "02ff00", "02c300", "02eda08000"
  })
  void unpack_malformed_isRefused(String hex) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TupleReader.unpack(HexFormat.of().parseHex(hex)));
  }

  @Test
  void unpack_randomBytes_isATupleOrRefused() {
    long seed = Seeds.seed(20_262);
    Random random = new Random(seed);
    int refused = 0;
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = TupleWriter.pack(randomElements(random, 2).toArray());
      for (int change = random.nextInt(3); change >= 0 && bytes.length > 0; change--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
      try {
        TupleReader.unpack(bytes);
      } catch (IllegalArgumentException e) {
        refused++;
      } catch (RuntimeException e) {
        throw new AssertionError(Seeds.replay(seed) + ": " + hex(bytes), e);
      }
    }
    assertThat(refused).as(Seeds.replay(seed)).isPositive();
  }

  @Test
  void nested_deeperThanTheLimit_isRefused() {
    List<Object> nested = List.of();
    for (int depth = 1; depth < TupleWriter.DEPTH_MAX; depth++) {
      nested = List.of(nested);
    }
    assertIsAsFoundationDb(List.of(nested, nested));

    List<Object> tooDeep = List.of(nested);
    assertThatIllegalArgumentException().isThrownBy(() -> TupleWriter.pack(tooDeep));
    byte[] bytes = new byte[100_000];
    Arrays.fill(bytes, (byte) TupleWriter.NESTED);
    assertThatIllegalArgumentException().isThrownBy(() -> TupleReader.unpack(bytes));
  }

  @Test
  void add_halfASurrogatePair_isRefused() {
    for (String text : List.of("\uD83D", "\uDE00", "a\uD83Db", "\uDE00\uD83D", "😀\uD83D")) {
      assertThatIllegalArgumentException().isThrownBy(() -> new TupleWriter().add(text));
    }
  }

  @Test
  void addElement_unknownType_isRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> TupleWriter.pack('c'));
  }

  private static void assertIsAsFoundationDb(List<@Nullable Object> elements) {
    byte[] packed = TupleWriter.pack(elements.toArray());
    assertThat(hex(packed)).isEqualTo(hex(Tuple.fromList(fdb(elements)).pack()));
    List<@Nullable Object> unpacked = TupleReader.unpack(packed);
    assertThat(Tuple.fromList(fdb(unpacked)).equals(Tuple.fromBytes(packed))).isTrue();
    assertThat(hex(TupleWriter.pack(unpacked.toArray()))).isEqualTo(hex(packed));
  }

  /** The elements as FoundationDB's tuples take them. */
  private static List<@Nullable Object> fdb(List<@Nullable Object> elements) {
    List<@Nullable Object> converted = new ArrayList<>();
    for (Object element : elements) {
      converted.add(
          switch (element) {
            case Versionstamp stamp ->
                com.apple.foundationdb.tuple.Versionstamp.fromBytes(stamp.toBytes());
            case List<?> nested -> fdb(new ArrayList<@Nullable Object>(nested));
            case null, default -> element;
          });
    }
    return converted;
  }

  private static List<@Nullable Object> randomElements(Random random, int depth) {
    List<@Nullable Object> elements = new ArrayList<>();
    for (int count = random.nextInt(5); count > 0; count--) {
      elements.add(randomElement(random, depth));
    }
    return elements;
  }

  private static @Nullable Object randomElement(Random random, int depth) {
    return switch (random.nextInt(depth > 0 ? 12 : 11)) {
      case 0 -> null;
      case 1 -> TEXTS.get(random.nextInt(TEXTS.size())) + TEXTS.get(random.nextInt(TEXTS.size()));
      case 2 -> {
        byte[] bytes = new byte[random.nextInt(6)];
        for (int i = 0; i < bytes.length; i++) {
          bytes[i] = (byte) (random.nextInt(3) - 1);
        }
        yield bytes;
      }
      case 3 -> random.nextLong() >> random.nextInt(64);
      case 4 -> random.nextInt(-3, 4);
      case 5 -> new BigInteger(1 + random.nextInt(200), random).subtract(BigInteger.TWO.pow(80));
      case 6 -> random.nextGaussian() * Math.pow(10, random.nextInt(-5, 5));
      case 7 -> Float.intBitsToFloat(random.nextInt());
      case 8 -> random.nextBoolean();
      case 9 -> new UUID(random.nextLong(), random.nextLong());
      case 10 ->
          new Versionstamp(random.nextLong(), random.nextInt(0x10000), random.nextInt(0x10000));
      default -> randomElements(random, depth - 1);
    };
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
