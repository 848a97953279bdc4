package io.divan.storage.sqlite;

import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageContractTest;
import io.divan.storage.TransactionListener;
import java.nio.file.Path;

class SqliteFileAdapterContractTest extends StorageContractTest {
  @Override
  protected StorageAdapter newAdapter(Path directory) {
    return new SqliteFileAdapter(
        SqliteFileAdapter.Options.of(directory), TransactionListener.NONE);
  }
}
