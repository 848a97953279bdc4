package io.divan.storage;

import java.util.List;
import java.util.Optional;

/**
 * Reads of one consistent snapshot of a store. Only the thread that runs the work uses it, and only
 * until the work returns. Backends need not check this.
 *
 * <p>Keys are ordered by their unsigned bytes. Arrays that a method returns belong to the caller;
 * the transaction neither keeps nor changes them. Every method may throw {@link StorageException}.
 */
public interface ReadTransaction {

  /** The most bytes of keys and values that one scan returns. */
  int SCAN_BYTES_MAX = 1_000_000;

  /** Returns the value of a key, or {@code Optional.empty()}. A value may have length 0. */
  Optional<byte[]> get(Table table, byte[] key);

  /** Returns the values of many keys, in the order of {@code keys}. A cluster reads all at once. */
  List<Optional<byte[]>> getAll(Table table, List<byte[]> keys);

  /**
   * Returns the rows of a range, up to its limit or to {@link #SCAN_BYTES_MAX}, whichever comes
   * first. The first row is returned whatever its size.
   */
  Page scan(Range range);

  /**
   * Scans many ranges, each with its own direction and limit. A cluster scans all at once. {@link
   * #SCAN_BYTES_MAX} bounds the bytes of all pages together: a range that it cuts short, or leaves
   * no room for, stops with {@link Page.Stop#BYTES} and names the rest. The first row found is
   * returned whatever its size.
   *
   * @return a page for each range, in the order of {@code ranges}
   */
  List<Page> scanAll(List<Range> ranges);

  /**
   * Watches a key for changes committed after this snapshot. The watch outlives the transaction;
   * the caller closes it.
   *
   * @throws StorageException.StoreUnavailable if the store has too many watches
   */
  Watch watch(Table table, byte[] key);

  /**
   * Returns a version that only {@link WriteTransaction#bumpConfigVersion()} changes. A caller may
   * cache rows with the version read beside them: while transactions see the same version, the
   * cached rows are current, if every writer of these rows bumps it. Costs no round trip.
   */
  Versionstamp configVersion();
}
