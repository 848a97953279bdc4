package io.divan.redb;

import java.nio.file.Path;

/**
 * A database in one file. Any number of readers, one writer at a time; readers never wait. Safe for
 * use by many threads.
 */
public interface Redb extends AutoCloseable {

  /**
   * How to open a database.
   *
   * @param create whether to make it where there is none
   * @param cache keeps its pages in memory
   * @param unwrittenBytes how many bytes of pages a transaction changes in memory before it writes
   *     the oldest of them, besides the cache: {@link #UNWRITTEN_BYTES} as it comes. A large load
   *     in random order comes back to each page many times: it takes two thirds of the time where
   *     all of it fits
   */
  record Options(boolean create, PageCache cache, long unwrittenBytes) {
    /** 64 MB. */
    public static final long UNWRITTEN_BYTES = 64 << 20;

    /** With the usual space for pages that are not written. */
    public Options(boolean create, PageCache cache) {
      this(create, cache, UNWRITTEN_BYTES);
    }

    /** The same with a cache of its own, of so many bytes. */
    public Options(boolean create, long cacheBytes) {
      this(create, new PageCache(cacheBytes));
    }

    /** Made where it is not there; an eighth of the heap for pages, at most 256 MB. */
    public static Options defaults() {
      return new Options(true, PageCache.usual());
    }
  }

  /**
   * Opens a file; nobody else can until it is closed. One that was not closed is repaired first,
   * which reads all of it.
   */
  static Redb open(Path file, Options options) {
    return open(ChannelFile.open(file, options.create()), file.toString(), options);
  }

  /** The same over another disk; {@code name} stands in messages. */
  static Redb open(BlockFile file, String name, Options options) {
    return new Opening(file, name, options).open();
  }

  ReadTransaction beginRead();

  /** Waits until there is no other writer. */
  WriteTransaction beginWrite();

  /** Who reads, and what waits for them. Reads nothing; also of a database that was closed. */
  Readers readers();

  /** Walks the whole file; readers and the writer go on. */
  Stats stats();

  /**
   * Reads everything and compares checksums, order, lengths and the pages in use.
   *
   * @throws RedbException.Corrupted naming the first that is wrong
   */
  void checkIntegrity();

  /** Moves pages to the front and shortens the file; says whether that was possible. */
  boolean compact();

  /**
   * One step of {@link #compact}: moves some pages from the end to the front in one transaction,
   * and cuts off what is free at the end then. Pages of earlier commits that are still read stay.
   *
   * @param pagesMin how far from the end it moves pages, in pages of 4096 bytes; farther in a large
   *     file
   * @return whether any was moved
   */
  boolean compactSome(long pagesMin);

  /** Writes what makes the next opening quick. Transactions that are open have ended. */
  @Override
  void close();
}
