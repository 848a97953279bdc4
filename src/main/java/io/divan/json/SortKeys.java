package io.divan.json;

import com.ibm.icu.text.Collator;
import com.ibm.icu.text.RawCollationKey;
import com.ibm.icu.text.RuleBasedCollator;
import com.ibm.icu.util.ULocale;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * ICU's sort keys in the root collation. Safe for use by many threads.
 *
 * <p>A frozen collator takes a lock for each key. This class keeps a few thawed ones instead, each
 * used by one thread at a time.
 */
final class SortKeys {
  private static final int POOLED_MAX = 2 * Runtime.getRuntime().availableProcessors();
  private static final int POOLED_BYTES_MAX = 16_384;
  private static final RuleBasedCollator FROZEN =
      (RuleBasedCollator) Collator.getInstance(ULocale.ROOT).freeze();
  private static final BlockingQueue<Maker> POOL = new ArrayBlockingQueue<>(POOLED_MAX);

  /** A collator and the buffer of its keys. Not safe for use by several threads. */
  private record Maker(RuleBasedCollator collator, RawCollationKey key) {
    static Maker create() {
      return new Maker(FROZEN.cloneAsThawed(), new RawCollationKey());
    }
  }

  private SortKeys() {}

  /** The version of the collation's rules and data. */
  static String collatorVersion() {
    return FROZEN.getVersion().toString();
  }

  /** Appends a sort key. It ends with a byte 0, and has no other. */
  static void append(String text, CollatedKeys.KeyBuffer out) {
    Maker pooled = POOL.poll();
    Maker maker = pooled == null ? Maker.create() : pooled;
    RawCollationKey key = maker.collator().getRawCollationKey(text, maker.key());
    out.add(key.bytes, key.size);
    if (key.bytes.length <= POOLED_BYTES_MAX) {
      POOL.offer(maker);
    }
  }
}
