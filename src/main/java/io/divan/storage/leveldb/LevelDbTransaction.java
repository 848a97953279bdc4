package io.divan.storage.leveldb;

import java.time.Duration;

/** A transaction, which sees its own writes. */
public interface LevelDbTransaction extends LevelDbReads {

  /** Sets a key's value. */
  void put(byte[] key, byte[] value);

  /**
   * Sets a key's value for a while.
   *
   * @throws IllegalStateException when values of this database do not expire
   */
  void put(byte[] key, byte[] value, Duration timeToLive);

  /** Removes a key where it is there. */
  void delete(byte[] key);
}
