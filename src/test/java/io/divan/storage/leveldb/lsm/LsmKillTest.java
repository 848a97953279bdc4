package io.divan.storage.leveldb.lsm;

import io.divan.storage.KillTest;
import io.divan.storage.StorageAdapter;
import java.nio.file.Path;
import java.util.function.Function;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests files in stores that outlive a process, and in plain directories. */
@ParameterizedClass
@ValueSource(classes = {LsmKillTest.OverRedb.class, LsmKillTest.InDirectories.class})
class LsmKillTest extends KillTest {

  @Parameter Class<? extends Function<Path, StorageAdapter>> adapters;

  /** Creates the adapter on redb, in this process and in the one that is killed. */
  public static final class OverRedb implements Function<Path, StorageAdapter> {
    @Override
    public StorageAdapter apply(Path directory) {
      return Backend.overRedb(directory);
    }
  }

  /** Creates the adapter with plain directories. */
  public static final class InDirectories implements Function<Path, StorageAdapter> {
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
  protected int acknowledgementsMax() {
    return 500;
  }

  @Override
  protected Class<? extends Function<Path, StorageAdapter>> factory() {
    return adapters;
  }
}
