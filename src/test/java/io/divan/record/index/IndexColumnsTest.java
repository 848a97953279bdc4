package io.divan.record.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.storage.tuple.TupleText;
import io.divan.storage.tuple.TupleWriter;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The order of columns, for all pairs of values, in both directions and with both next columns. */
class IndexColumnsTest {
  /** Ascending. */
  private static final List<Object> VALUES =
      Arrays.asList(
          null,
          new byte[0],
          new byte[] {0},
          new byte[] {0, 0},
          new byte[] {0, (byte) 0xFF},
          new byte[] {1},
          new byte[] {(byte) 0xFF},
          new byte[] {(byte) 0xFF, 0},
          "",
          "\0",
          "\0a",
          "a",
          "a\0",
          "a\0\0",
          "a\0b",
          "a\u0001",
          "ab",
          "b",
          "é",
          List.of(),
          Arrays.asList((Object) null),
          Arrays.asList(null, null),
          List.of("a"),
          List.of("a", 1L),
          BigInteger.ONE.shiftLeft(80).negate(),
          BigInteger.valueOf(Long.MIN_VALUE).subtract(BigInteger.ONE),
          Long.MIN_VALUE,
          -(1L << 40),
          -256L,
          -255L,
          -1L,
          0L,
          1L,
          255L,
          256L,
          Long.MAX_VALUE,
          BigInteger.ONE.shiftLeft(64),
          Double.NEGATIVE_INFINITY,
          -2.5,
          -0.0,
          0.0,
          Double.MIN_VALUE,
          2.0,
          Double.POSITIVE_INFINITY,
          false,
          true);

  private static byte[] columns(Object first, boolean firstDown, Object second, boolean down) {
    return new IndexColumns.Writer().add(first, firstDown).add(second, down).toBytes();
  }

  @Test
  void order_ofAllPairs_inBothDirections() {
    for (boolean firstDown : List.of(false, true)) {
      for (boolean secondDown : List.of(false, true)) {
        for (Object second : VALUES) {
          byte[] before = {};
          for (int i = 0; i < VALUES.size(); i++) {
            Object first = VALUES.get(firstDown ? VALUES.size() - 1 - i : i);
            byte[] least = columns(first, firstDown, secondDown ? true : null, secondDown);
            byte[] greatest = columns(first, firstDown, secondDown ? null : true, secondDown);
            byte[] between = columns(first, firstDown, second, secondDown);
            assertThat(Arrays.compareUnsigned(before, least)).as("before %s", print(first))
                .isNegative();
            assertThat(Arrays.compareUnsigned(least, between)).isNotPositive();
            assertThat(Arrays.compareUnsigned(between, greatest)).isNotPositive();
            before = greatest;
          }
        }
      }
    }
  }

  @Test
  void columns_read_areWhatWasWritten() {
    for (Object first : VALUES) {
      for (Object second : VALUES) {
        for (int directions = 0; directions < 4; directions++) {
          boolean firstDown = directions / 2 == 1;
          boolean secondDown = directions % 2 == 1;
          byte[] bytes = columns(first, firstDown, second, secondDown);
          IndexColumns.Reader reader = new IndexColumns.Reader(bytes, 0);
          assertThat(print(reader.next(firstDown))).isEqualTo(print(first));
          assertThat(print(reader.next(secondDown))).isEqualTo(print(second));
          assertThat(reader.hasNext()).isFalse();
        }
      }
    }
  }

  @Test
  void below_columns_holdsThoseColumnsOnly() {
    for (boolean down : List.of(false, true)) {
      for (Object value : VALUES) {
        byte[] begin = new IndexColumns.Writer().add(value, down).toBytes();
        IndexScan.KeyRange range = IndexScan.KeyRange.below(begin);
        List<Object> inside = new ArrayList<>();
        for (Object other : VALUES) {
          for (boolean nextDown : List.of(false, true)) {
            for (Object next : VALUES) {
              byte[] key = columns(other, down, next, nextDown);
              if (Arrays.compareUnsigned(range.begin(), key) <= 0
                  && Arrays.compareUnsigned(key, range.end().orElseThrow()) < 0) {
                inside.add(other);
              }
            }
          }
        }
        assertThat(inside).hasSize(2 * VALUES.size()).allMatch(each -> each == value);
      }
    }
  }

  @Test
  void read_whatIsNoColumn_throws() {
    for (byte[] bytes : List.of(new byte[0], new byte[] {2, 'a'}, new byte[] {(byte) 0xE9})) {
      assertThatThrownBy(() -> new IndexColumns.Reader(bytes, 0).next(false))
          .isInstanceOf(IllegalArgumentException.class);
    }
    byte[] cut = new IndexColumns.Writer().add("a", true).toBytes();
    assertThatThrownBy(
        () -> new IndexColumns.Reader(Arrays.copyOf(cut, cut.length - 1), 0).next(true))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static String print(Object value) {
    return TupleText.print(TupleWriter.pack(value));
  }
}
