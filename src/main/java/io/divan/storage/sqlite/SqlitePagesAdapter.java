package io.divan.storage.sqlite;

import io.divan.storage.Capability;
import io.divan.storage.Measurement;
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
import java.util.List;

/**
 * SQLite databases whose pages are in stores of a base adapter. One process at a time owns a
 * database, and holds a lease while it is open. Other processes get an error, and take over when
 * the lease is released or not renewed. Write transactions of a database run one after another and
 * commit in groups; each group is one transaction of the base. Thread-safe.
 */
public final class SqlitePagesAdapter extends LayeredDatabases implements Capability.Measured {

  /**
   * Options of an adapter.
   *
   * @param pages options of the pages
   * @param readerThreads the maximum number of concurrent reads, over all databases
   * @param writerThreads the maximum number of databases that write at the same time
   * @param openStoresMax how many idle databases stay open, at most 100
   * @param idleMax how long an idle database stays open
   * @param ownerWait how long opening a database waits for another process that owns it
   * @param clock the source of versionstamps
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
            "writerThreads must be at least 1, and readerThreads 1 to " + READERS_MAX);
      }
      if (openStoresMax < 1 || openStoresMax > OPEN_STORES_MAX) {
        throw new IllegalArgumentException("openStoresMax must be 1 to " + OPEN_STORES_MAX);
      }
    }

    /** The default options. */
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

    /** A copy with another time to wait for a database's owner. */
    public Options ownerWait(Duration wait) {
      return new Options(
          pages, readerThreads, writerThreads, openStoresMax, idleMax, wait, clock);
    }
  }

  private final OpenStores openStores;

  /**
   * Opens the databases in a base.
   *
   * @param base an adapter without checks, whose databases belong to this layer alone; closed with
   *     this adapter
   * @throws io.divan.storage.StorageException.StoreUnavailable if the base is unusable or holds
   *     databases of another layer, or SQLite cannot be used with a VFS in this JVM
   */
  public SqlitePagesAdapter(
      StorageAdapter base, Options options, TransactionListener listener) {
    this(base, Engine.of(options, listener), options);
  }

  private SqlitePagesAdapter(StorageAdapter base, Engine engine, Options options) {
    super(base, engine, options.clock());
    this.openStores = engine.shared().openStores();
  }

  @Override
  public List<Measurement> measure() {
    return withBase(List.of(Measurement.openDatabases(openStores.size())));
  }

  private record Engine(PagesStore.Shared shared) implements LayeredDatabases.StoreFactory {

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
