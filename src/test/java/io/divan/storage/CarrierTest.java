package io.divan.storage;

import java.nio.file.Path;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Uses an adapter from many virtual threads in a process with a single carrier thread. A call that
 * pins the carrier while it waits for another virtual thread never returns.
 */
public abstract class CarrierTest {
  @TempDir Path directory;

  /**
   * Returns a class with a public no-argument constructor that opens the adapter of a directory.
   */
  protected abstract Class<? extends Function<Path, StorageAdapter>> factory();

  @Test
  void manyCallers_singleCarrier_allReturn() throws Exception {
    SingleCarrier.run(CarrierChild.class, factory().getName(), directory.toString());
  }
}
