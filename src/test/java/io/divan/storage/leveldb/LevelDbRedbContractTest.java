package io.divan.storage.leveldb;

import io.divan.storage.StorageAdapter;
import java.nio.file.Path;

class LevelDbRedbContractTest extends LevelDbContract {
  @Override
  protected StorageAdapter newAdapter(Path directory) {
    return over(Bases.REDB.raw(directory));
  }
}
