package io.divan.redb;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Generates random keys, values and table names. */
final class Data {
  private static final List<String> LETTERS = List.of("a", "b", "\u00e9", "\u20ac", "\ud834\udd1e");
  private static final byte[] NOISE = new byte[4 << 20];

  static {
    new SplittableRandom(1).nextBytes(NOISE);
  }

  /**
   * The amount of data.
   *
   * @param keys the number of distinct keys
   * @param keyBytesMax the size of the longest key; few keys are that long
   * @param valueBytesMax the size of the longest value; few values are that long
   * @param rowsMax the maximum number of rows loaded or removed at once
   */
  record Scale(int keys, int keyBytesMax, int valueBytesMax, int rowsMax) {}

  static final List<ColumnType<?>> TYPES =
      List.of(ColumnType.BYTES, ColumnType.STRING, ColumnType.U64);
  static final List<String> NAMES =
      List.of("a", "b", "docs", "rev_data", "\u00fcml\u00e4ut", "long".repeat(20));

  private final SplittableRandom random;
  private final Scale scale;

  Data(SplittableRandom random, Scale scale) {
    this.random = random;
    this.scale = scale;
  }

  String name() {
    return NAMES.get(random.nextInt(NAMES.size()));
  }

  ColumnType<?> type() {
    return TYPES.get(random.nextInt(TYPES.size()));
  }

  /** Returns one of the keys; a number always yields the same key. */
  byte[] key(ColumnType<?> type) {
    int number = random.nextInt(scale.keys);
    SplittableRandom own = new SplittableRandom(number);
    if (type == ColumnType.U64) {
      long value = number % 3 == 0 ? number : number % 3 == 1 ? -number : own.nextLong();
      return ColumnType.U64.encode(value);
    }
    int bytes = keyBytes(number, own);
    if (type == ColumnType.STRING) {
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < bytes / 2; i++) {
        text.append(LETTERS.get(own.nextInt(LETTERS.size())));
      }
      byte[] encoded = text.toString().getBytes(StandardCharsets.UTF_8);
      return encoded.length <= scale.keyBytesMax ? encoded : new byte[] {'x'};
    }
    byte[] key = new byte[bytes];
    own.nextBytes(key);
    // Some keys share a prefix, so that later bytes decide their order.
    int shared = Math.min(own.nextInt(30), bytes);
    Arrays.fill(key, 0, shared, (byte) (number % 5 == 0 ? 0xFF : 0));
    return key;
  }

  private int keyBytes(int number, SplittableRandom own) {
    if (number == 0) {
      return 0;
    }
    return number % 61 == 1 ? own.nextInt(scale.keyBytesMax + 1) : 1 + own.nextInt(40);
  }

  byte[] value(ColumnType<?> type) {
    if (type == ColumnType.U64) {
      return ColumnType.U64.encode(random.nextLong());
    }
    int bytes = valueBytes();
    int from = random.nextInt(NOISE.length - bytes + 1);
    byte[] value = Arrays.copyOfRange(NOISE, from, from + bytes);
    if (type == ColumnType.STRING) {
      for (int i = 0; i < bytes; i++) {
        value[i] = (byte) (' ' + (value[i] & 63));
      }
    }
    return value;
  }

  private int valueBytes() {
    int dice = random.nextInt(1000);
    int bytes;
    if (dice < 100) {
      bytes = 0;
    } else if (dice < 700) {
      bytes = random.nextInt(200);
    } else if (dice < 900) {
      bytes = random.nextInt(1500);
    } else if (dice < 960) {
      // Sizes around those at which a pair no longer fits into a page.
      bytes = (Blocks.BYTES << random.nextInt(3)) - random.nextInt(100);
    } else if (dice < 990) {
      bytes = random.nextInt(12_000);
    } else {
      bytes = random.nextInt(scale.valueBytesMax + 1);
    }
    return Math.min(bytes, scale.valueBytesMax);
  }
}
