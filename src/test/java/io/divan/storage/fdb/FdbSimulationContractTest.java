package io.divan.storage.fdb;

import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageContractTest;
import io.divan.storage.TransactionListener;
import io.divan.storage.fdb.simulation.SimulatedFoundationDb;
import java.nio.file.Path;

class FdbSimulationContractTest extends StorageContractTest {
  private final SimulatedFoundationDb cluster = new SimulatedFoundationDb();

  @Override
  protected StorageAdapter newAdapter(Path directory) {
    return new FdbAdapter(
        cluster.open(), FdbAdapter.Options.defaults(), TransactionListener.NONE);
  }
}
