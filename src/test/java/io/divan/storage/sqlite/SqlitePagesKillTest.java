package io.divan.storage.sqlite;

import io.divan.storage.KillTest;
import io.divan.storage.StorageAdapter;
import io.divan.storage.TransactionListener;
import io.divan.storage.redb.RedbAdapter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Function;

/** The kill test over redb, whose files survive the process. */
class SqlitePagesKillTest extends KillTest {

  /** Creates the adapter, in this process and in the one that is killed. */
  public static final class Factory implements Function<Path, StorageAdapter> {
    @Override
    public StorageAdapter apply(Path directory) {
      return SqlitePagesContractTest.over(
          new RedbAdapter(RedbAdapter.Options.of(directory), TransactionListener.NONE),
          Duration.ZERO);
    }
  }

  @Override
  protected int usualRounds() {
    return 2;
  }

  /** Fewer than usual, because each commit passes through two layers. */
  @Override
  protected int acknowledgementsMax() {
    return 400;
  }

  @Override
  protected Class<? extends Function<Path, StorageAdapter>> factory() {
    return Factory.class;
  }
}
