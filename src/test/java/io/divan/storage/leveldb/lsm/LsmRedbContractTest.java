package io.divan.storage.leveldb.lsm;

import io.divan.storage.ShortContractTest;
import io.divan.storage.StorageAdapter;
import java.nio.file.Path;

class LsmRedbContractTest extends ShortContractTest {
  @Override
  protected StorageAdapter newAdapter(Path directory) {
    return Backend.overRedb(directory);
  }
}
