package io.divan.storage;

import java.util.List;
import java.util.Optional;

/**
 * One consistent snapshot of a store. Used by the thread that runs the work only, and only until
 * the work returns; after that every method throws {@link IllegalStateException}.
 */
public interface ReadTransaction {

  /** The most bytes of keys and values one scan answers; a first row always fits. */
  int SCAN_BYTES_MAX = 1_000_000;

  /** The value of a key, or nothing. */
  Optional<byte[]> get(Table table, byte[] key);

  /** The values of many keys, in their order; on a cluster all are asked for at once. */
  List<Optional<byte[]>> getAll(Table table, List<byte[]> keys);

  /**
   * The rows of a range, up to its limit or to {@link #SCAN_BYTES_MAX}, whichever comes first; at
   * least one row where there is one.
   */
  Page scan(Range range);

  /**
   * Scans many ranges, each with its own direction and limit; on a cluster all are asked for at
   * once. {@link #SCAN_BYTES_MAX} bounds the sum: ranges that it cut short or kept from being
   * read stop with {@link Page.Stop#BYTES} and name what remains. At least one row is answered
   * where there is one.
   *
   * @return a page for each range, in their order
   */
  List<Page> scanAll(List<Range> ranges);

  /**
   * Watches a key for a change after this snapshot. The watch outlives the transaction and holds
   * nothing of it; the caller closes it.
   *
   * @throws StorageException.StoreUnavailable when the store has too many watches
   */
  Watch watch(Table table, byte[] key);

  /**
   * A value that changes with {@link WriteTransaction#bumpConfigVersion()} of this store, at the
   * latest: what was read together with one value may be cached as long as a transaction sees the
   * same value. Costs no round trip.
   */
  Versionstamp configVersion();
}
