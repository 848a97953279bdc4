package io.divan.redb;

import java.nio.file.Path;

/**
 * A database in a single file, with one writer at a time and any number of readers. Readers never
 * wait. Thread-safe.
 */
public interface Redb extends AutoCloseable {

  /**
   * Options for opening a database.
   *
   * @param create whether to create a missing file
   * @param cache the cache for the pages of the file
   * @param unwrittenBytes the size of changed pages, in bytes, that a transaction keeps in memory
   *     in addition to the cache before it writes the oldest of them; {@link #UNWRITTEN_BYTES} by
   *     default. A large load in random key order returns to each page many times: it takes two
   *     thirds of the time if all its pages fit
   */
  record Options(boolean create, SharedPageCache cache, long unwrittenBytes) {
    /** 64 MB. */
    public static final long UNWRITTEN_BYTES = 64 << 20;

    /** Creates options with the default space for unwritten pages. */
    public Options(boolean create, SharedPageCache cache) {
      this(create, cache, UNWRITTEN_BYTES);
    }

    /** Creates options with a new cache of {@code cacheBytes} bytes. */
    public Options(boolean create, long cacheBytes) {
      this(create, new SharedPageCache(cacheBytes));
    }

    /** Creates a missing file; uses a new cache of one eighth of the heap, at most 256 MB. */
    public static Options defaults() {
      return new Options(true, SharedPageCache.usual());
    }
  }

  /**
   * Opens a file and locks it until it is closed. Repairs a file that was not closed, which reads
   * all of it.
   */
  static Redb open(Path file, Options options) {
    return open(ChannelFile.open(file, options.create()), file.toString(), options);
  }

  /** Opens a database in any {@link BlockFile}; {@code name} identifies it in messages. */
  static Redb open(BlockFile file, String name, Options options) {
    return new DatabaseOpener(file, name, options).open();
  }

  ReadTxn beginRead();

  /** Begins a write transaction; waits until the current one ends. */
  WriteTxn beginWrite();

  /**
   * Returns the open readers and the space they hold. Reads no page; also works after {@link
   * #close}.
   */
  ReaderStats readers();

  /** Returns the space of the file as of the latest commit. Reads no page. */
  SpaceStats space();

  /** Computes statistics by walking the whole file. Readers and the writer are not blocked. */
  DatabaseStats stats();

  /**
   * Reads the whole file and verifies checksums, key order, lengths and the allocated pages.
   *
   * @throws RedbException.Corrupted that names the first error
   */
  void checkIntegrity();

  /** Moves pages to the front and shortens the file. Returns whether the file became shorter. */
  boolean compact();

  /**
   * Performs one step of {@link #compact}: moves some pages from the end to the front in one
   * transaction, then truncates the free pages at the end. Pages of earlier commits that are still
   * read stay.
   *
   * @param pagesMin how far from the end of the file to move pages, in 4096-byte pages; a large
   *     file is moved farther
   * @return whether any page was moved
   */
  boolean compactSome(long pagesMin);

  /** Saves the allocator state, which makes the next opening fast. Ends open transactions. */
  @Override
  void close();
}
