package io.divan.storage.leveldb;

import io.divan.storage.ShortContractTest;
import io.divan.storage.StorageAdapter;
import java.nio.file.Path;

class LevelDbRedbContractTest extends ShortContractTest {
  @Override
  public int adapterKeyBytesMax() {
    return Bases.KEY_BYTES_MAX;
  }

  @Override
  protected StorageAdapter newAdapter(Path directory) {
    return Bases.over(Bases.REDB.raw(directory));
  }
}
