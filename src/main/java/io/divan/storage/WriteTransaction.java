package io.divan.storage;

/**
 * A serializable transaction that sees its own writes. All its writes become visible and durable
 * together, or none does. The transaction does not keep or change the arrays it is given, and the
 * caller does not change them until the work has returned.
 *
 * <p>The work must not read, scan, watch or add to a key that it stamped itself, nor one that
 * begins with the prefix of a stamped key, nor read the configuration version after it bumped it:
 * these are unknown before the commit. Backends need not check this, nor {@link Limits}: {@code
 * io.divan.storage.checked} does, around every backend.
 */
public interface WriteTransaction extends ReadTransaction {

  /** The most positions that {@link #stamp()} allocates in one transaction. */
  int STAMPS_MAX = 65_535;

  /** Sets the value of a key. */
  void put(Table table, byte[] key, byte[] value);

  /** Removes a key, if it is present. */
  void delete(Table table, byte[] key);

  /** Removes the keys within a range's bounds. Its direction and limit do not matter. */
  void deleteRange(Range range);

  /**
   * Adds to a little-endian 64-bit integer. The sum wraps around. An absent key counts as 0; a
   * value of another length is first cut, or padded with zeros, to 8 bytes. Additions to one key do
   * not conflict with each other where the engine allows it.
   */
  void add(Table table, byte[] key, long delta);

  /** Allocates the next position of this transaction's versionstamp; the first is 0. */
  Stamp stamp();

  /**
   * Sets the value of the key that consists of {@code prefix}, the stamp's 12 bytes and {@code
   * suffix}. Where the key is a tuple, the prefix ends with the versionstamp's type code 0x33.
   */
  void putStampedKey(Table table, byte[] prefix, Stamp stamp, byte[] suffix, byte[] value);

  /** Sets the value of a key to {@code prefix}, the stamp's 12 bytes and {@code suffix}. */
  void putStampedValue(Table table, byte[] key, byte[] prefix, Stamp stamp, byte[] suffix);

  /**
   * Returns reads that cause no conflict with the writes of other transactions, as FoundationDB's
   * snapshot reads. They see this transaction's own writes. Use them where a stale value does no
   * harm.
   */
  ReadTransaction snapshot();

  /** Changes {@link #configVersion()} for every transaction that begins after the commit. */
  void bumpConfigVersion();
}
