package io.divan.storage.redb;

import io.divan.storage.CarrierTest;
import io.divan.storage.StorageAdapter;
import java.nio.file.Path;
import java.util.function.Function;

class RedbCarrierTest extends CarrierTest {
  @Override
  protected Class<? extends Function<Path, StorageAdapter>> factory() {
    return RedbKillTest.Factory.class;
  }
}
