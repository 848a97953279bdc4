package io.divan.record.query;

import io.divan.record.Rec;
import java.math.BigInteger;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** About how many bytes records take. */
final class RecSize {
  private static final int VALUE = 8;

  private RecSize() {}

  static long of(Rec rec) {
    long size = VALUE;
    for (String field : rec.fields()) {
      size += VALUE + of(rec.value(field));
    }
    return size;
  }

  private static long of(@Nullable Object value) {
    return switch (value) {
      case String text -> text.length();
      case byte[] bytes -> bytes.length;
      case BigInteger number -> number.bitLength() / 8;
      case List<?> list -> {
        long size = 0;
        for (Object each : list) {
          size += VALUE + of(each);
        }
        yield size;
      }
      case null, default -> VALUE;
    };
  }
}
