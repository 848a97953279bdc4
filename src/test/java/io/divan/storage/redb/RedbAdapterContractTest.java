package io.divan.storage.redb;

import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageContractTest;
import io.divan.storage.TransactionListener;
import java.nio.file.Path;

class RedbAdapterContractTest extends StorageContractTest {
  @Override
  protected StorageAdapter newAdapter(Path directory) {
    return new RedbAdapter(RedbAdapter.Options.of(directory), TransactionListener.NONE);
  }
}
