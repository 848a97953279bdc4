package io.divan.storage.sqlite.pages;

import io.divan.storage.Limits;
import io.divan.storage.lease.Leases;
import java.time.Duration;

/**
 * Options of SQLite databases in a base store.
 *
 * @param cacheBytes the size of the page cache, shared by all files
 * @param bufferBytes the size of the written pages that one transaction keeps in memory; more pages
 *     are staged in the base before the commit
 * @param transactionBytes the maximum size of one transaction of the base, by the formula of {@link
 *     Limits}; a larger transaction of SQLite is committed in several steps
 * @param compressed whether pages are compressed if that makes them smaller; a file may contain
 *     pages of both kinds
 * @param keepOldPages how long overwritten pages remain readable; 0 if the base keeps each snapshot
 *     as long as it is open, like files of this process
 * @param leases how writers of several processes exclude each other
 * @param leaseIdle how long the lease is kept while this process does not write
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

  /** The part of a transaction reserved for the header, the lease and the removal of old pages. */
  static final int RESERVED_BYTES = 700_000;

  public PageOptions {
    if (transactionBytes < TRANSACTION_BYTES_MIN
        || transactionBytes > Limits.TRANSACTION_BYTES_MAX - RESERVED_BYTES) {
      throw new IllegalArgumentException(
          "transactionBytes must be between " + TRANSACTION_BYTES_MIN + " and "
              + (Limits.TRANSACTION_BYTES_MAX - RESERVED_BYTES) + ", not " + transactionBytes);
    }
    if (cacheBytes < 0 || bufferBytes < 0 || keepOldPages.isNegative()) {
      throw new IllegalArgumentException("Sizes and times must not be negative");
    }
  }

  /** The default options, for a base shared by several processes. */
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

  /** A copy with other limits on memory. */
  public PageOptions memory(long cache, long buffer) {
    return new PageOptions(
        cache, buffer, transactionBytes, compressed, keepOldPages, leases, leaseIdle);
  }

  /** A copy with another limit on transactions of the base. */
  public PageOptions transactionBytes(int bytes) {
    return new PageOptions(
        cacheBytes, bufferBytes, bytes, compressed, keepOldPages, leases, leaseIdle);
  }

  /** A copy with compression on or off. */
  public PageOptions compressed(boolean compress) {
    return new PageOptions(
        cacheBytes, bufferBytes, transactionBytes, compress, keepOldPages, leases, leaseIdle);
  }

  /** A copy with another retention time of old pages. */
  public PageOptions keepOldPages(Duration keep) {
    return new PageOptions(
        cacheBytes, bufferBytes, transactionBytes, compressed, keep, leases, leaseIdle);
  }

  /** A copy with other leases. */
  public PageOptions leases(Leases.Options other, Duration idle) {
    return new PageOptions(
        cacheBytes, bufferBytes, transactionBytes, compressed, keepOldPages, other, idle);
  }
}
