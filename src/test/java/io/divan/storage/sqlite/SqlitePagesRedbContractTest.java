package io.divan.storage.sqlite;

import io.divan.storage.Limits;
import io.divan.storage.ShortContractTest;
import io.divan.storage.StorageAdapter;
import io.divan.storage.embedded.TableKeys;
import java.nio.file.Path;

class SqlitePagesRedbContractTest extends ShortContractTest {
  @Override
  public int adapterKeyBytesMax() {
    return Limits.ADAPTER_KEY_BYTES_MAX - TableKeys.PREFIX_BYTES_MAX;
  }

  @Override
  protected StorageAdapter newAdapter(Path directory) {
    return new SqlitePagesKillTest.Factory().apply(directory);
  }
}
