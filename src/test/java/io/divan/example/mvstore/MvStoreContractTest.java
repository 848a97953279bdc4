package io.divan.example.mvstore;

import io.divan.storage.Capability;
import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageContractTest;
import io.divan.storage.TransactionListener;
import java.nio.file.Path;
import java.util.Set;

/** The contract suite on the example backend. */
class MvStoreContractTest extends StorageContractTest {

  @Override
  protected StorageAdapter newAdapter(Path directory) {
    return new MvStoreAdapter(directory, 16, TransactionListener.NONE);
  }

  @Override
  public Set<Class<? extends Capability>> lacks() {
    return Set.of(Capability.Snapshots.class, Capability.RangeSizes.class);
  }
}
