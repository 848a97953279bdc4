package io.divan.storage.leveldb;

import io.divan.storage.Store;
import io.divan.storage.Table;
import io.divan.storage.lease.Lease;
import io.divan.storage.lease.Leases;
import io.divan.storage.lease.WantedLeases;
import java.time.Duration;
import java.util.Optional;
import org.iq80.leveldb.Options;

/**
 * Implements LevelDB's interface directly on base stores. If several processes share the stores,
 * each database has one owner, which holds a lease in the base store; every write transaction
 * checks the lease.
 */
public final class ApiEngine implements LevelDbEngine {
  private static final Table LEASE = new Table(5, "leveldb_lease");
  private static final byte[] LEASE_KEY = {0};

  private final Optional<Leases> leases;
  private final Duration waitMax;

  /** Leases held by other processes. Each remembers how long its owner has not renewed it. */
  private final WantedLeases<Store> wanted = new WantedLeases<>();

  ApiEngine(Optional<Leases> leases, Duration waitMax) {
    this.leases = leases;
    this.waitMax = waitMax;
  }

  /** Creates an engine for stores that only this process uses. */
  public static ApiEngine exclusive() {
    return new ApiEngine(Optional.empty(), Duration.ZERO);
  }

  /**
   * Creates an engine for stores that other processes also use.
   *
   * @param waitMax how long to wait for a database that another process owns
   */
  public static ApiEngine shared(Leases.Options options, Duration waitMax) {
    return new ApiEngine(Optional.of(new Leases(options)), waitMax);
  }

  @Override
  public String name() {
    return "api";
  }

  @Override
  public Owned open(Store base) {
    if (leases.isEmpty()) {
      return new Owned(open(base, LevelDbOptions.defaults()), Optional.empty());
    }
    Lease lease = wanted.get(base, () -> lease(base));
    lease.acquire(waitMax);
    wanted.claim(base, lease);
    try {
      StoreDb db = open(base, LevelDbOptions.defaults().fence(lease::check));
      return new Owned(db, Optional.of(lease));
    } catch (RuntimeException | Error e) {
      lease.close();
      throw e;
    }
  }

  private Lease lease(Store base) {
    return leases
        .orElseThrow()
        .lease(base, LEASE, LEASE_KEY, "The LevelDB database " + base.name());
  }

  private static StoreDb open(Store base, LevelDbOptions options) {
    return StoreDb.open(base, new Options(), options, StoreDb.Bounds.OF_ADAPTERS);
  }

  @Override
  public void deleted(Store base) {
    wanted.forget(base);
  }

  @Override
  public void close() {
    leases.ifPresent(Leases::close);
  }
}
