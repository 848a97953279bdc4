package io.divan.storage.sqlite.pages;

import java.lang.foreign.MemorySegment;

/** What SQLite has open of a database's file, as its VFS asks for it. For one thread at a time. */
interface VfsFile extends AutoCloseable {

  /** SQLite's locks, in its numbers' order. */
  enum Lock {
    NONE,
    SHARED,
    RESERVED,
    PENDING,
    EXCLUSIVE
  }

  /** What asking for a lock has given. */
  enum Locked {
    /** The lock. */
    YES,
    /** Another one has it: asking again later helps. */
    BUSY,
    /** The file has changed since SHARED was taken: only taking that again helps. */
    STALE
  }

  /** Bytes of the file. */
  long size();

  /**
   * Reads bytes, zeros beyond the end.
   *
   * @return whether all of them lie before the end
   */
  boolean read(long offset, MemorySegment target);

  /** Writes bytes, which others see once they are committed. */
  void write(long offset, MemorySegment source);

  /** Cuts the file off. */
  void truncate(long size);

  /** What was written is to last. */
  void sync();

  /** SQLite has synced every file of the transaction. */
  void commit();

  /** Takes a lock, which includes those before it. */
  Locked lock(Lock wanted);

  /** Whether anybody has the file reserved. */
  boolean isReserved();

  /** Gives locks up, down to this one. */
  void unlock(Lock kept);

  @Override
  void close();
}
