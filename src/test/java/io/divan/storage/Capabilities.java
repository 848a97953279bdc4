package io.divan.storage;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Optional;
import java.util.function.Function;

/**
 * Calls of optional capabilities. A test is aborted if the store lacks the capability; {@link
 * ContractFixture#lacks()} declares which ones may be missing.
 */
public final class Capabilities {

  private Capabilities() {}

  /** Returns a capability of a store. */
  public static <C extends Capability> C of(Store store, Class<C> type) {
    Optional<C> found = store.capability(type);
    assumeTrue(found.isPresent(), () -> "lacks " + type.getSimpleName());
    return found.orElseThrow();
  }

  /** Opens a snapshot of a store. */
  public static Snapshot openSnapshot(Store store) {
    return of(store, Capability.Snapshots.class).openSnapshot();
  }

  /** Estimates the bytes within a range of a store. */
  public static long estimatedBytes(Store store, Range range) {
    return of(store, Capability.RangeSizes.class).estimatedBytes(range);
  }

  /** Moves some of a store's free space to the end of its file and truncates it. */
  public static boolean shrink(Store store) {
    return of(store, Capability.Shrinking.class).shrink();
  }

  /** Runs a transaction that need not be durable when this returns. */
  public static <T> Written<T> writeUnsynced(Store store, Function<WriteTransaction, T> work) {
    return of(store, Capability.UnsyncedWrites.class).writeUnsynced(work);
  }
}
