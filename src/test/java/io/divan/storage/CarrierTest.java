package io.divan.storage;

import java.nio.file.Path;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Uses an adapter from many virtual threads in a process that has a single carrier for all of them:
 * whatever waits for work that needs a carrier, while it holds the only one, never ends.
 */
public abstract class CarrierTest {
  @TempDir Path directory;

  /** A class with a public constructor without parameters: makes the adapter of a directory. */
  protected abstract Class<? extends Function<Path, StorageAdapter>> factory();

  @Test
  void manyCallers_singleCarrier_allEnd() throws Exception {
    SingleCarrier.run(CarrierChild.class, factory().getName(), directory.toString());
  }
}
