package io.divan.storage.leveldb;

import io.divan.storage.StorageException;
import io.divan.storage.embedded.OpenStore;
import io.divan.storage.layer.OverlayGroup;
import io.divan.storage.lease.Lease;
import java.util.concurrent.TimeUnit;
import org.iq80.leveldb.DB;
import org.jspecify.annotations.Nullable;

/**
 * A database that is open, and the version of its configuration. Safe for use by many threads.
 *
 * <p>While a commit changes the configuration its version is not known; whoever finds the same
 * known one before and after its moment begins need not read it.
 */
final class OpenDb extends OpenStore.Resource {
  static final long LOOK_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** What is known of the configuration's version; compared by identity. */
  static final class Config {
    private final long value;
    private final boolean known;

    private Config(long value, boolean known) {
      this.value = value;
      this.known = known;
    }

    /** The version that a view sees which began between two looks. */
    static long between(Config before, Config after, View view) {
      return before == after && before.known ? before.value : OverlayGroup.configVersion(view);
    }
  }

  private final LevelDbEngine.Owned owned;
  private final Views views;
  private volatile Config config;

  /** What it found no space with; null as long as it writes. */
  private volatile StorageException.@Nullable StoreFull full;

  private volatile long lookAgainNanos;

  OpenDb(LevelDbEngine.Owned owned) {
    this.owned = owned;
    this.views = Views.of(owned.db());
    this.config = new Config(OverlayGroup.configVersion(views.now()), true);
  }

  DB db() {
    return owned.db();
  }

  Views views() {
    return views;
  }

  /**
   * Passes while nobody else can have written.
   *
   * @throws io.divan.storage.StorageException.StoreUnavailable where the lease is lost
   */
  void requireCurrent() {
    owned.lease().ifPresent(Lease::requireCurrent);
  }

  /** Whether others may own it once it is closed. */
  boolean isShared() {
    return owned.lease().isPresent();
  }

  Config config() {
    return config;
  }

  /** The version that a writer sees. */
  long configNow() {
    Config now = config;
    return Config.between(now, now, views.now());
  }

  /** A commit is about to change it. */
  void configIsChanging() {
    config = new Config(0, false);
  }

  /** A commit has changed it, or has not. */
  void configIs(long value) {
    config = new Config(value, true);
  }

  /** It has found no space, and writes no more. */
  void isFull(StorageException.StoreFull found) {
    lookAgainNanos = System.nanoTime() + LOOK_AGAIN_NANOS;
    full = found;
  }

  /**
   * Passes while it can be written.
   *
   * @throws StorageException.StoreFull where it has found no space
   */
  void requireSpace() {
    StorageException.StoreFull found = full;
    if (found != null) {
      throw new StorageException.StoreFull(found.getMessage(), found);
    }
  }

  /** Whether it has found no space, and it is time to see if there is some. By its writer. */
  boolean isTimeToLook() {
    long now = System.nanoTime();
    if (full == null || now - lookAgainNanos < 0) {
      return false;
    }
    lookAgainNanos = now + LOOK_AGAIN_NANOS;
    return true;
  }

  /** Closes it and releases the lease. */
  @Override
  protected void close() {
    owned.close();
  }
}
