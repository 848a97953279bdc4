package io.divan.storage.sqlite;

import io.divan.storage.StorageAdapter;
import io.divan.storage.Store;
import io.divan.storage.TransactionListener;
import io.divan.storage.embedded.OpenStores;
import io.divan.storage.embedded.SingleWriterStore;
import io.divan.storage.embedded.StampClock;
import io.divan.storage.layer.LayeredDatabases;
import io.divan.storage.sqlite.pages.PageOptions;
import io.divan.storage.sqlite.pages.SqlitePages;
import java.time.Duration;
import java.time.InstantSource;

/**
 * Databases as SQLite databases whose pages lie in stores of a base adapter. A database is owned by
 * one process at a time, which holds a lease on it while it is open; another one that wants it is
 * told so, and takes over when the lease is given back or not renewed. Write transactions of a
 * database run one after another and commit in groups, each group one transaction of the base. Safe
 * for use by many threads.
 */
public final class SqlitePagesAdapter extends LayeredDatabases {

  /**
   * How databases are used.
   *
   * @param pages how pages are kept
   * @param readerThreads the most reads at a time, of all databases together
   * @param writerThreads the most databases that write at a time
   * @param openStoresMax how many databases stay open while they are idle, at most 100
   * @param idleMax how long a database stays open while it is idle
   * @param ownerWait how long opening a database waits for another process that owns it
   * @param clock what versionstamps are made of
   */
  public record Options(
      PageOptions pages,
      int readerThreads,
      int writerThreads,
      int openStoresMax,
      Duration idleMax,
      Duration ownerWait,
      InstantSource clock) {

    private static final int OPEN_STORES_MAX = 100;
    private static final int READERS_MAX = 8;

    public Options {
      if (readerThreads < 1 || readerThreads > READERS_MAX || writerThreads < 1) {
        throw new IllegalArgumentException(
            "Threads are at least 1, those that read at most " + READERS_MAX);
      }
      if (openStoresMax < 1 || openStoresMax > OPEN_STORES_MAX) {
        throw new IllegalArgumentException("Open stores are 1 to " + OPEN_STORES_MAX);
      }
    }

    /** The defaults. */
    public static Options of(PageOptions pages) {
      return new Options(
          pages,
          READERS_MAX,
          READERS_MAX,
          OPEN_STORES_MAX,
          Duration.ofSeconds(60),
          Duration.ZERO,
          InstantSource.system());
    }

    /** The same with another time to wait for a database's owner. */
    public Options ownerWait(Duration wait) {
      return new Options(
          pages, readerThreads, writerThreads, openStoresMax, idleMax, wait, clock);
    }
  }

  /**
   * Finds the databases of a base.
   *
   * @param base an adapter as its author wrote it, whose databases are this layer's only; closed
   *     with this
   * @throws io.divan.storage.StorageException.StoreUnavailable when the base cannot be used or
   *     holds the databases of another layer, or SQLite cannot be used so in this JVM
   */
  public SqlitePagesAdapter(
      StorageAdapter base, Options options, TransactionListener listener) {
    super(base, Engine.of(options, listener), options.clock());
  }

  private record Engine(PagesStore.Shared shared) implements LayeredDatabases.Engine {

    static Engine of(Options options, TransactionListener listener) {
      return new Engine(
          new PagesStore.Shared(
              new SqlitePages.Shared(options.pages()),
              options.ownerWait(),
              ConnectionsStore.Threads.of(
                  listener, options.writerThreads(), options.readerThreads(), WAIT_MAX, 1),
              new OpenStores(
                  "sqlite-open-stores", options.openStoresMax(), options.idleMax())));
    }

    @Override
    public String layer() {
      return "sqlite-pages";
    }

    @Override
    public SingleWriterStore store(Store base, StampClock stamps) {
      return new PagesStore(base, shared, stamps);
    }

    @Override
    public void close() {
      shared.openStores().close();
      shared.threads().close();
      shared.pages().close();
    }
  }
}
