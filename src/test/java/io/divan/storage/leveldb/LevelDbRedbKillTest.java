package io.divan.storage.leveldb;

import io.divan.storage.KillTest;
import io.divan.storage.StorageAdapter;
import java.nio.file.Path;
import java.util.function.Function;

class LevelDbRedbKillTest extends KillTest {

  /** Makes the adapter, here and in the process that is killed. */
  public static final class Factory implements Function<Path, StorageAdapter> {
    @Override
    public StorageAdapter apply(Path directory) {
      return Bases.over(Bases.REDB.raw(directory));
    }
  }

  @Override
  protected int usualRounds() {
    return 2; // what redb does is killed more often in its own test
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
