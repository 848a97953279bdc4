package io.divan.storage;

/**
 * The limits of every backend. They are the same everywhere, so that what works on a laptop works
 * on a cluster. {@code io.divan.storage.checked} checks them around every backend. A backend must
 * accept the somewhat larger {@code ADAPTER_} limits, so that a layer over it has room for a
 * prefix.
 */
public final class Limits {

  /** Bytes of a key. */
  public static final int KEY_BYTES_MAX = 8_192;

  /** Bytes of a value. */
  public static final int VALUE_BYTES_MAX = 100_000;

  /**
   * Bytes of a transaction, by {@link #writeBytes}, {@link #pointReadBytes}, {@link #scanBytes}.
   */
  public static final int TRANSACTION_BYTES_MAX = 9_000_000;

  /** Bytes of a key that adapters accept: a layer's prefix adds at most 16 bytes a level. */
  public static final int ADAPTER_KEY_BYTES_MAX = 8_448;

  /** Bytes of a transaction that adapters accept. */
  public static final int ADAPTER_TRANSACTION_BYTES_MAX = 9_900_000;

  /** A limit by name. */
  public enum Limit {
    KEY("A key", KEY_BYTES_MAX),
    VALUE("A value", VALUE_BYTES_MAX),
    TRANSACTION("A transaction", TRANSACTION_BYTES_MAX),
    DATABASE_NAME("A database's encoded name", DatabaseNames.ENCODED_BYTES_MAX);

    private final String text;
    private final int max;

    Limit(String text, int max) {
      this.text = text;
      this.max = max;
    }

    /** What is limited. */
    public String text() {
      return text;
    }

    /** Its greatest size in bytes. */
    public int max() {
      return max;
    }
  }

  private Limits() {}

  /** What a write of one key counts in its transaction's size. */
  public static long writeBytes(int keyBytes, int valueBytes) {
    return valueBytes + 3L * keyBytes + 64;
  }

  /** What a point read counts in its write transaction's size: the range of its key alone. */
  public static long pointReadBytes(int keyBytes) {
    return 2L * keyBytes + 1 + 32;
  }

  /** What a scanned or deleted range counts in its transaction's size. */
  public static long scanBytes(Range range) {
    return range.begin().length + range.end().map(end -> end.length).orElse(0) + 32L;
  }
}
