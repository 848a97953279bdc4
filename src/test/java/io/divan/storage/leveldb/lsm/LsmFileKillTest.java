package io.divan.storage.leveldb.lsm;

import io.divan.storage.KillTest;
import io.divan.storage.StorageAdapter;
import java.nio.file.Path;
import java.util.function.Function;

/** In plain directories: over stores the base's own tests kill it. */
class LsmFileKillTest extends KillTest {

  /** Makes the adapter, here and in the process that is killed. */
  public static final class Factory implements Function<Path, StorageAdapter> {
    @Override
    public StorageAdapter apply(Path directory) {
      return Backend.inDirectories(directory);
    }
  }

  @Override
  protected int usualRounds() {
    return 2;
  }

  @Override
  protected Class<? extends Function<Path, StorageAdapter>> factory() {
    return Factory.class;
  }
}
