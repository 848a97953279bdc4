package io.divan.storage.leveldb;

import io.divan.storage.ShortContractTest;
import io.divan.storage.StorageAdapter;
import java.nio.file.Path;

class LevelDbRedbContractTest extends ShortContractTest {
  @Override
  protected StorageAdapter newAdapter(Path directory) {
    return Bases.over(Bases.REDB.raw(directory));
  }
}
