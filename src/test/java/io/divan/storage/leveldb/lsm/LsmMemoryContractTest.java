package io.divan.storage.leveldb.lsm;

import io.divan.storage.StorageAdapter;
import io.divan.storage.fdb.MemoryLayerContractTest;

class LsmMemoryContractTest extends MemoryLayerContractTest {
  @Override
  protected StorageAdapter over(StorageAdapter base) {
    return Backend.over(base);
  }
}
