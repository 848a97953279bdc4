package io.divan.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RangeTest {

  private static final Table TABLE = new Table(1, "rows");

  @ParameterizedTest
  @CsvSource({"00, 01", "61, 62", "61ff, 62", "61ffff, 62", "00ff, 01", "fffe, ffff", "fe, ff"})
  void afterPrefix_literal(String prefix, String after) {
    assertThat(Range.afterPrefix(bytes(prefix))).hasValue(bytes(after));
  }

  @Test
  void afterPrefix_noSuccessor_absent() {
    assertThat(Range.afterPrefix(new byte[0])).isEmpty();
    assertThat(Range.afterPrefix(bytes("ff"))).isEmpty();
    assertThat(Range.afterPrefix(bytes("ffff"))).isEmpty();
  }

  @Test
  void prefix_random_containsKeysWithThePrefix() {
    long seed = Seeds.seed(20_263);
    Random random = new Random(seed);
    for (int i = 0; i < 10_000; i++) {
      byte[] prefix = randomBytes(random);
      byte[] key = randomBytes(random);
      boolean begins =
          key.length >= prefix.length
              && Arrays.equals(prefix, Arrays.copyOf(key, prefix.length));
      assertThat(Range.prefix(TABLE, prefix).contains(key))
          .as("%s: %s %s", Seeds.replay(seed), hex(prefix), hex(key))
          .isEqualTo(begins);
    }
  }

  @Test
  void contains_bounds_beginInclusiveEndExclusive() {
    Range range = Range.of(TABLE, bytes("10"), bytes("20"));
    assertThat(range.contains(bytes("10"))).isTrue();
    assertThat(range.contains(bytes("1fff"))).isTrue();
    assertThat(range.contains(bytes("20"))).isFalse();
    assertThat(range.contains(bytes("0fff"))).isFalse();
    assertThat(Range.from(TABLE, bytes("80")).contains(bytes("ff"))).isTrue();
    assertThat(Range.from(TABLE, bytes("80")).contains(bytes("7f"))).isFalse();
    assertThat(Range.all(TABLE).contains(new byte[0])).isTrue();
  }

  @Test
  void isEmpty_noPossibleKey() {
    assertThat(Range.of(TABLE, bytes("10"), bytes("10")).isEmpty()).isTrue();
    assertThat(Range.of(TABLE, bytes("11"), bytes("10")).isEmpty()).isTrue();
    assertThat(Range.of(TABLE, bytes("10"), bytes("1000")).isEmpty()).isFalse();
    assertThat(Range.all(TABLE).isEmpty()).isFalse();
  }

  @Test
  void after_forwards_beginsAtTheNextKey() {
    Range rest = Range.of(TABLE, bytes("10"), bytes("20")).limit(5).after(bytes("11"));
    assertThat(rest.begin()).isEqualTo(bytes("1100"));
    assertThat(rest.end()).hasValue(bytes("20"));
    assertThat(rest.limit()).isEqualTo(5);
    assertThat(rest.reverse()).isFalse();
  }

  @Test
  void after_reverse_endsAtTheKey() {
    Range rest = Range.all(TABLE).reversed().limit(5).after(bytes("11"));
    assertThat(rest.begin()).isEmpty();
    assertThat(rest.end()).hasValue(bytes("11"));
    assertThat(rest.limit()).isEqualTo(5);
    assertThat(rest.reverse()).isTrue();
  }

  @Test
  void limit_lessThanOne_refused() {
    assertThatIllegalArgumentException().isThrownBy(() -> Range.all(TABLE).limit(0));
  }

  @Test
  void reversed_twice_equal() {
    Range range = Range.of(TABLE, bytes("10"), bytes("20")).limit(3);
    assertThat(range.reversed().reversed()).isEqualTo(range);
    assertThat(range.reversed().reverse()).isTrue();
  }

  private static byte[] randomBytes(Random random) {
    byte[] bytes = new byte[random.nextInt(4)];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (random.nextInt(3) - 2);
    }
    return bytes;
  }

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex);
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
