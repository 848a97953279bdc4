package io.divan.storage.sqlite;

import io.divan.storage.CarrierTest;
import io.divan.storage.StorageAdapter;
import java.nio.file.Path;
import java.util.function.Function;

class SqliteCarrierTest extends CarrierTest {
  @Override
  protected Class<? extends Function<Path, StorageAdapter>> factory() {
    return SqliteKillTest.Factory.class;
  }
}
