package io.divan.storage;

import java.nio.file.Path;

class ReferenceAdapterContractTest extends StorageContractTest {

  @Override
  protected StorageAdapter newAdapter(Path directory) {
    return new ReferenceAdapter();
  }

  @Override
  protected StorageAdapter reopened(StorageAdapter closed, Path directory) {
    return ((ReferenceAdapter) closed).reopened();
  }
}
