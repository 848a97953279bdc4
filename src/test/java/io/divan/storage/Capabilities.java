package io.divan.storage;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Optional;

/**
 * Uses of optional capabilities. A test of a capability that the store lacks is aborted; {@link
 * ContractFixture#lacks()} says which may be lacking.
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

  /** Moves some of a store's free space to its end and cuts it off. */
  public static boolean shrink(Store store) {
    return of(store, Capability.Shrinking.class).shrink();
  }
}
