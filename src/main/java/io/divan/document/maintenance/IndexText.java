package io.divan.document.maintenance;

import io.divan.storage.KeyValue;
import io.divan.storage.tuple.TupleReader;
import io.divan.storage.tuple.TupleText;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Prints rows of the table of indexes. The key of a row of a document is printed as the kind and
 * the number of the index, the bytes of its columns, and the document; docs/queries.md describes
 * them.
 */
final class IndexText {
  private static final int VALUES = 2;
  private static final int LENGTH_BYTES = 2;

  private IndexText() {}

  static String key(byte[] key) {
    try {
      if (!isDocument(key)) {
        return TupleText.print(key);
      }
      int begin = prefixLength(key);
      int end = key.length - LENGTH_BYTES;
      int columns = (key[end] & 0xFF) << 8 | key[end + 1] & 0xFF;
      byte[] document = Arrays.copyOfRange(key, begin + columns, end);
      return TupleText.print(Arrays.copyOf(key, begin))
          + " "
          + TupleText.hex(Arrays.copyOfRange(key, begin, begin + columns))
          + " "
          + TupleText.print(document);
    } catch (RuntimeException e) { // damaged bytes can cause any exception
      return TupleText.hex(key);
    }
  }

  static String value(KeyValue row) {
    byte[] value = row.value();
    if (!isDocument(row.key())) {
      return TupleText.print(value);
    }
    String flags =
        ((value[0] & 1) == 0 ? "" : " without values") + ((value[0] & 2) == 0 ? "" : " cut");
    String values =
        TupleText.printable(
            new String(value, 1, value.length - 1, StandardCharsets.UTF_8));
    return (values + flags).strip();
  }

  private static boolean isDocument(byte[] key) {
    TupleReader reader = new TupleReader(key);
    return reader.nextElement() instanceof Long kind && kind == VALUES;
  }

  private static int prefixLength(byte[] key) {
    TupleReader reader = new TupleReader(key);
    reader.nextLong();
    reader.nextLong();
    return reader.position();
  }
}
