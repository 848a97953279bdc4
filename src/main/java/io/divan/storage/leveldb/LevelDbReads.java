package io.divan.storage.leveldb;

import java.util.Optional;

/**
 * Reads of one consistent state. Valid only within the function that receives it, until it returns.
 */
public interface LevelDbReads {

  /** Returns the value of a key, if the key exists. */
  Optional<byte[]> get(byte[] key);

  /**
   * Returns the next rows of a cursor.
   *
   * @param rows the maximum number of rows; fewer are returned if they exceed 1 MB
   */
  LevelDbPage page(LevelDbCursor part, int rows);
}
