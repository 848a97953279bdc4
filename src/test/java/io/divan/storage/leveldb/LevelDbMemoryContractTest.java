package io.divan.storage.leveldb;

import io.divan.storage.StorageAdapter;
import io.divan.storage.fdb.MemoryLayerContractTest;

class LevelDbMemoryContractTest extends MemoryLayerContractTest {
  @Override
  protected StorageAdapter over(StorageAdapter base) {
    return Bases.over(base);
  }
}
