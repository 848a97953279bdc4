package io.divan.storage.checked;

import io.divan.storage.Range;
import io.divan.storage.Table;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The rows that a transaction has stamped.
 *
 * <ol>
 *   <li>No stored prefix is a prefix of another. So at most one prefix of a key is stored, and it
 *       is the greatest stored prefix that is not greater than the key.
 *   <li>A prefix is removed only when a shorter one covers it.
 * </ol>
 */
final class StampedRows {

  private static final class OfTable {
    private final TreeSet<byte[]> keys = new TreeSet<>(Arrays::compareUnsigned);
    private final TreeSet<byte[]> prefixes = new TreeSet<>(Arrays::compareUnsigned);

    boolean contains(byte[] key) {
      return keys.contains(key) || hasPrefixOf(key);
    }

    boolean hasPrefixOf(byte[] key) {
      byte[] prefix = prefixes.floor(key);
      return prefix != null
          && prefix.length <= key.length
          && Arrays.equals(prefix, 0, prefix.length, key, 0, prefix.length);
    }
  }

  private final Map<Integer, OfTable> tables = new HashMap<>();

  private OfTable table(Table table) {
    return tables.computeIfAbsent(table.number(), number -> new OfTable());
  }

  /** Records that the row {@code key} was stamped. */
  void addKey(Table table, byte[] key) {
    OfTable rows = table(table);
    if (!rows.contains(key)) {
      rows.keys.add(key.clone());
    }
  }

  /** Records that any row whose key begins with {@code prefix} may have been stamped. */
  void addPrefix(Table table, byte[] prefix) {
    OfTable rows = table(table);
    if (rows.hasPrefixOf(prefix)) {
      return;
    }
    Range covered = Range.prefix(table, prefix);
    covered
        .end()
        .map(end -> rows.prefixes.subSet(prefix, end))
        .orElseGet(() -> rows.prefixes.tailSet(prefix))
        .clear();
    rows.prefixes.add(prefix.clone());
  }

  /** Returns whether the row {@code key} may have been stamped. */
  boolean contains(Table table, byte[] key) {
    OfTable rows = tables.get(table.number());
    return rows != null && rows.contains(key);
  }

  /** Returns whether a row within the bounds of the range may have been stamped. */
  boolean touches(Range range) {
    OfTable rows = tables.get(range.table().number());
    return rows != null
        && !range.isEmpty()
        && (rows.hasPrefixOf(range.begin())
            || isWithin(rows.keys.ceiling(range.begin()), range)
            || isWithin(rows.prefixes.ceiling(range.begin()), range));
  }

  private static boolean isWithin(byte @Nullable [] key, Range range) {
    return key != null && range.contains(key);
  }
}
