package io.divan.storage.leveldb.lsm;

import io.divan.storage.StorageAdapter;
import io.divan.storage.TransactionListener;
import io.divan.storage.fdb.FdbAdapter;
import io.divan.storage.fdb.simulation.SimulatedFoundationDb;
import java.nio.file.Path;

class LsmMemoryContractTest extends LsmContract {
  private final SimulatedFoundationDb cluster = new SimulatedFoundationDb();

  @Override
  protected StorageAdapter newAdapter(Path directory) {
    return over(
        new FdbAdapter(
            cluster.open(), FdbAdapter.Options.defaults(), TransactionListener.NONE));
  }
}
