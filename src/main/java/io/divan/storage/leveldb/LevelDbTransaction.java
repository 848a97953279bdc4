package io.divan.storage.leveldb;

import java.time.Duration;

/** A write transaction. It sees its own writes. */
public interface LevelDbTransaction extends LevelDbReads {

  void put(byte[] key, byte[] value);

  /**
   * Sets the value of a key, with a time to live.
   *
   * @throws IllegalStateException if values of this database do not expire
   */
  void put(byte[] key, byte[] value, Duration timeToLive);

  /** Deletes a key if it exists. */
  void delete(byte[] key);
}
