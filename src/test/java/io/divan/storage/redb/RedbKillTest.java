package io.divan.storage.redb;

import io.divan.storage.KillTest;
import io.divan.storage.StorageAdapter;
import io.divan.storage.TransactionListener;
import java.nio.file.Path;
import java.util.function.Function;

class RedbKillTest extends KillTest {

  /** Makes the adapter, here and in the process that is killed. */
  public static final class Factory implements Function<Path, StorageAdapter> {
    @Override
    public StorageAdapter apply(Path directory) {
      return new RedbAdapter(RedbAdapter.Options.of(directory), TransactionListener.NONE);
    }
  }

  @Override
  protected Class<? extends Function<Path, StorageAdapter>> factory() {
    return Factory.class;
  }
}
