package io.divan.storage.leveldb;

import java.util.Optional;

/** Reads of one moment. Used by the work that is given it only, and only until that returns. */
public interface LevelDbReads {

  /** The value of a key, or nothing. */
  Optional<byte[]> get(byte[] key);

  /**
   * The next rows of a part.
   *
   * @param rows the most that are answered; fewer where they have more than 1 MB
   */
  LevelDbPage page(LevelDbCursor part, int rows);
}
