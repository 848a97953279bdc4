package io.divan.storage.leveldb;

import io.divan.storage.CarrierTest;
import io.divan.storage.StorageAdapter;
import java.nio.file.Path;
import java.util.function.Function;

class LevelDbCarrierTest extends CarrierTest {
  @Override
  protected Class<? extends Function<Path, StorageAdapter>> factory() {
    return LevelDbRedbKillTest.Factory.class;
  }
}
