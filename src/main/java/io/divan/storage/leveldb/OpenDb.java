package io.divan.storage.leveldb;

import io.divan.storage.StorageException;
import io.divan.storage.embedded.OpenStore;
import io.divan.storage.layer.OverlayGroup;
import io.divan.storage.lease.Lease;
import java.util.concurrent.TimeUnit;
import org.iq80.leveldb.DB;
import org.jspecify.annotations.Nullable;

/**
 * An open database with the version of its configuration. Thread-safe.
 *
 * <p>While a commit changes the configuration, its version is unknown. A reader that finds the same
 * known version before and after opening its view need not read it.
 */
final class OpenDb extends OpenStore.Resource {
  static final long LOOK_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** A state of the configuration version; compared by identity. */
  static final class Config {
    private final long value;
    private final boolean known;

    private Config(long value, boolean known) {
      this.value = value;
      this.known = known;
    }

    /**
     * Returns the version that a view sees, given the states before and after the view was opened.
     */
    static long between(Config before, Config after, View view) {
      return before == after && before.known ? before.value : OverlayGroup.configVersion(view);
    }
  }

  private final LevelDbEngine.Owned owned;
  private final Views views;
  private volatile Config config;

  /** The failure that stopped writes because the disk was full; null while the database writes. */
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
   * Checks that no other process can have written.
   *
   * @throws io.divan.storage.StorageException.StoreUnavailable if the lease is lost
   */
  void requireCurrent() {
    owned.lease().ifPresent(Lease::requireCurrent);
  }

  /** Returns whether another process may own the database after it is closed. */
  boolean isShared() {
    return owned.lease().isPresent();
  }

  Config config() {
    return config;
  }

  /** Returns the version that the writer sees. */
  long configNow() {
    Config now = config;
    return Config.between(now, now, views.now());
  }

  /** Marks the version as unknown while a commit changes it. */
  void configIsChanging() {
    config = new Config(0, false);
  }

  /** Sets the version after a commit, whether it was changed or not. */
  void configIs(long value) {
    config = new Config(value, true);
  }

  /** Records that the disk is full; the database stops writing. */
  void isFull(StorageException.StoreFull found) {
    lookAgainNanos = System.nanoTime() + LOOK_AGAIN_NANOS;
    full = found;
  }

  /**
   * Checks that the database can be written.
   *
   * @throws StorageException.StoreFull if the disk was full
   */
  void requireSpace() {
    StorageException.StoreFull found = full;
    if (found != null) {
      throw new StorageException.StoreFull(found.getMessage(), found);
    }
  }

  /**
   * Returns whether the disk was full and it is time to test for space again. Used by the writer.
   */
  boolean isTimeToLook() {
    long now = System.nanoTime();
    if (full == null || now - lookAgainNanos < 0) {
      return false;
    }
    lookAgainNanos = now + LOOK_AGAIN_NANOS;
    return true;
  }

  /** Closes the database and releases the lease. */
  @Override
  protected void close() {
    owned.close();
  }
}
