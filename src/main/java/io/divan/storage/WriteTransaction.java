package io.divan.storage;

/**
 * A serializable transaction that sees its own writes. All its writes become visible and durable
 * together, or none does.
 *
 * <p>A row whose key or value was stamped cannot be read, scanned over, or added to in the
 * transaction that stamped it: the stamp is not known before the commit. Trying it throws
 * {@link IllegalStateException} on every backend.
 */
public interface WriteTransaction extends ReadTransaction {

  /** The most positions {@link #stamp()} allocates in one transaction. */
  int STAMPS_MAX = 65_535;

  /** Sets a key's value. */
  void put(Table table, byte[] key, byte[] value);

  /** Removes a key; nothing happens where it is not there. */
  void delete(Table table, byte[] key);

  /** Removes the keys within the range's bounds; its direction and limit do not matter. */
  void deleteRange(Range range);

  /**
   * Adds to a little-endian 64-bit integer, wrapping around; a missing key counts as 0, and a value
   * of another length is cut or filled up with zeros to 8 bytes first. Does not conflict with other
   * adds where the engine can do so.
   */
  void add(Table table, byte[] key, long delta);

  /** Allocates the next position of this transaction's versionstamp, from 0. */
  Stamp stamp();

  /**
   * Sets the key {@code prefix}, stamp, {@code suffix}; where the key is a tuple, the prefix ends
   * with the versionstamp's type code 0x33.
   */
  void putStampedKey(Table table, byte[] prefix, Stamp stamp, byte[] suffix, byte[] value);

  /** Sets a key's value to {@code prefix}, stamp, {@code suffix}. */
  void putStampedValue(Table table, byte[] key, byte[] prefix, Stamp stamp, byte[] suffix);

  /**
   * Reads that do not conflict with other transactions' writes: for counters and for choosing work.
   * They see this transaction's own writes.
   */
  ReadTransaction snapshot();

  /** Bytes of this transaction so far, by {@link Limits}' formula. */
  long bytes();

  /** Changes {@link #configVersion()} for every transaction that reads it after the commit. */
  void bumpConfigVersion();
}
