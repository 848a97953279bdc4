package io.divan.storage.sqlite;

import io.divan.storage.CarrierTest;
import io.divan.storage.StorageAdapter;
import java.nio.file.Path;
import java.util.function.Function;

class SqlitePagesCarrierTest extends CarrierTest {
  @Override
  protected Class<? extends Function<Path, StorageAdapter>> factory() {
    return SqlitePagesKillTest.Factory.class;
  }
}
