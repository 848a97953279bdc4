package io.divan.storage.sqlite.pages;

import io.divan.storage.Limits;
import io.divan.storage.lease.Leases;
import java.time.Duration;

/**
 * How pages are kept in a base store.
 *
 * @param cacheBytes what all files together keep in memory of their pages
 * @param bufferBytes what one transaction keeps in memory of the pages it has written; beyond it
 *     they are staged in the base before the commit
 * @param transactionBytes the most bytes of one transaction of the base, by {@link Limits}'
 *     formula; a larger transaction of SQLite is committed in many steps
 * @param compressed whether pages are compressed where that makes them smaller; a file may hold
 *     pages of both kinds
 * @param keepOldPages how long old pages stay readable after they were overwritten; 0 where the
 *     base keeps a snapshot as long as it is open, as one in files of this process does
 * @param leases how writers of several processes keep out of each other's way
 * @param leaseIdle how long the lease is kept when nobody here writes
 */
public record PageOptions(
    long cacheBytes,
    long bufferBytes,
    int transactionBytes,
    boolean compressed,
    Duration keepOldPages,
    Leases.Options leases,
    Duration leaseIdle) {

  private static final long CACHE_BYTES_MAX = 256_000_000;
  private static final int TRANSACTION_BYTES_MIN = 100_000;

  /** What is left of a transaction for the header, the lease and the removal of old pages. */
  static final int RESERVED_BYTES = 700_000;

  public PageOptions {
    if (transactionBytes < TRANSACTION_BYTES_MIN
        || transactionBytes > Limits.TRANSACTION_BYTES_MAX - RESERVED_BYTES) {
      throw new IllegalArgumentException(
          "A base transaction has " + TRANSACTION_BYTES_MIN + " to "
              + (Limits.TRANSACTION_BYTES_MAX - RESERVED_BYTES) + " bytes of pages, not "
              + transactionBytes);
    }
    if (cacheBytes < 0 || bufferBytes < 0 || keepOldPages.isNegative()) {
      throw new IllegalArgumentException("Sizes and times are not negative");
    }
  }

  /** What suits most. */
  public static PageOptions defaults() {
    return new PageOptions(
        Math.min(CACHE_BYTES_MAX, Runtime.getRuntime().maxMemory() / 8),
        64_000_000,
        Limits.TRANSACTION_BYTES_MAX - RESERVED_BYTES,
        false,
        Duration.ofMinutes(1),
        Leases.Options.shared(ProcessHandle.current().pid() + ""),
        Duration.ofSeconds(1));
  }

  /** The same with other bounds on memory. */
  public PageOptions memory(long cache, long buffer) {
    return new PageOptions(
        cache, buffer, transactionBytes, compressed, keepOldPages, leases, leaseIdle);
  }

  /** The same with another bound on transactions of the base. */
  public PageOptions transactionBytes(int bytes) {
    return new PageOptions(
        cacheBytes, bufferBytes, bytes, compressed, keepOldPages, leases, leaseIdle);
  }

  /** The same with pages compressed or not. */
  public PageOptions compressed(boolean compress) {
    return new PageOptions(
        cacheBytes, bufferBytes, transactionBytes, compress, keepOldPages, leases, leaseIdle);
  }

  /** The same with old pages kept so long. */
  public PageOptions keepOldPages(Duration keep) {
    return new PageOptions(
        cacheBytes, bufferBytes, transactionBytes, compressed, keep, leases, leaseIdle);
  }

  /** The same with other leases. */
  public PageOptions leases(Leases.Options other, Duration idle) {
    return new PageOptions(
        cacheBytes, bufferBytes, transactionBytes, compressed, keepOldPages, other, idle);
  }
}
