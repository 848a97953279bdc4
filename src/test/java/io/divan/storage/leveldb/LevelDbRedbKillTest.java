package io.divan.storage.leveldb;

import io.divan.storage.KillTest;
import io.divan.storage.StorageAdapter;
import java.nio.file.Path;
import java.util.function.Function;

class LevelDbRedbKillTest extends KillTest {

  /** Creates the adapter, in this process and in the one that is killed. */
  public static final class Factory implements Function<Path, StorageAdapter> {
    @Override
    public StorageAdapter apply(Path directory) {
      return Bases.over(Bases.REDB.raw(directory));
    }
  }

  @Override
  protected int usualRounds() {
    return 2; // redb's own test kills it more often
  }

  @Override
  protected int acknowledgementsMax() {
    return 1_000;
  }

  @Override
  protected Class<? extends Function<Path, StorageAdapter>> factory() {
    return Factory.class;
  }
}
