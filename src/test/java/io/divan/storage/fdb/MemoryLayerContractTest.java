package io.divan.storage.fdb;

import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageContractTest;
import io.divan.storage.fdb.simulation.SimulatedFoundationDb;
import java.nio.file.Path;

/** The storage contract for a layer over a simulated cluster. */
public abstract class MemoryLayerContractTest extends StorageContractTest {
  private final SimulatedFoundationDb cluster = new SimulatedFoundationDb();

  /** Creates the layer over a base, without the checks of {@code CheckedAdapter}. */
  protected abstract StorageAdapter over(StorageAdapter base);

  @Override
  public final int adapterKeyBytesMax() {
    return LAYER_KEY_BYTES_MAX;
  }

  @Override
  protected final StorageAdapter newAdapter(Path directory) {
    return over(TestCluster.adapter(cluster));
  }
}
