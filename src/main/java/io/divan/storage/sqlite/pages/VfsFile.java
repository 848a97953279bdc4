package io.divan.storage.sqlite.pages;

import java.lang.foreign.MemorySegment;

/** An open file of a database, as SQLite's VFS uses it. Not thread-safe. */
interface VfsFile extends AutoCloseable {

  /** SQLite's lock levels, by their numbers. */
  enum Lock {
    NONE,
    SHARED,
    RESERVED,
    PENDING,
    EXCLUSIVE
  }

  /** The result of requesting a lock. */
  enum Locked {
    /** The lock was taken. */
    YES,
    /** Another handle holds it; a later request may succeed. */
    BUSY,
    /** The file has changed since SHARED was taken, which must be released and taken again. */
    STALE
  }

  /** The size of the file, in bytes. */
  long size();

  /**
   * Reads bytes, with zeros beyond the end.
   *
   * @return whether all of them lie before the end
   */
  boolean read(long offset, MemorySegment target);

  /** Writes bytes, which other handles see once they are committed. */
  void write(long offset, MemorySegment source);

  /** Sets the size. */
  void truncate(long size);

  /** Makes the written bytes durable. */
  void sync();

  /** Called when SQLite has synced all files of the transaction. */
  void commit();

  /** Takes a lock, which includes the lower ones. */
  Locked lock(Lock wanted);

  /** Whether any handle has reserved the file. */
  boolean isReserved();

  /** Releases all locks above this one. */
  void unlock(Lock kept);

  @Override
  void close();
}
