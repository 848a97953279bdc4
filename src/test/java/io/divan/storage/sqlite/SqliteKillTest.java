package io.divan.storage.sqlite;

import io.divan.storage.KillTest;
import io.divan.storage.StorageAdapter;
import io.divan.storage.TransactionListener;
import java.nio.file.Path;
import java.util.function.Function;

class SqliteKillTest extends KillTest {

  /** Creates the adapter, in this process and in the one that is killed. */
  public static final class Factory implements Function<Path, StorageAdapter> {
    @Override
    public StorageAdapter apply(Path directory) {
      return new SqliteFileAdapter(
          SqliteFileAdapter.Options.of(directory), TransactionListener.NONE);
    }
  }

  @Override
  protected Class<? extends Function<Path, StorageAdapter>> factory() {
    return Factory.class;
  }
}
