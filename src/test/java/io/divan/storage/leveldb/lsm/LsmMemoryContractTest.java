package io.divan.storage.leveldb.lsm;

import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageContractTest;
import io.divan.storage.TransactionListener;
import io.divan.storage.fdb.FdbAdapter;
import io.divan.storage.fdb.simulation.SimulatedFoundationDb;
import java.nio.file.Path;

class LsmMemoryContractTest extends StorageContractTest {
  private final SimulatedFoundationDb cluster = new SimulatedFoundationDb();

  @Override
  public int adapterKeyBytesMax() {
    return Backend.KEY_BYTES_MAX;
  }

  @Override
  protected StorageAdapter newAdapter(Path directory) {
    return Backend.over(
        new FdbAdapter(
            cluster.open(), FdbAdapter.Options.defaults(), TransactionListener.NONE));
  }
}
