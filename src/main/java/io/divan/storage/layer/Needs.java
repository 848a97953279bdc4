package io.divan.storage.layer;

import io.divan.storage.Capability;
import io.divan.storage.Store;

/** The capabilities that layers need of the stores they are put over. */
public final class Needs {

  private Needs() {}

  /**
   * Returns a capability of a base store.
   *
   * @param layer the layer that needs it, for the message
   * @throws IllegalArgumentException if the store lacks it
   */
  public static <C extends Capability> C capability(Store base, Class<C> type, String layer) {
    return base.capability(type)
        .orElseThrow(
            () -> new IllegalArgumentException(
                layer + " needs the capability " + type.getSimpleName() + ", which the store "
                    + base.name() + " lacks"));
  }
}
