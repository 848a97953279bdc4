package io.divan.storage.fdb;

import io.divan.storage.KillTest;
import io.divan.storage.StorageAdapter;
import java.nio.file.Path;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * On the cluster named by {@code FDB_CLUSTER_FILE}, the next process takes over the databases of a
 * killed one.
 */
@ParameterizedClass
@EnumSource
@Timeout(1_200)
class LayerKillTest extends KillTest {
  @RegisterExtension static final TestCluster CLUSTER = TestCluster.required();

  @Parameter Layer layer;

  @AfterEach
  void removeFiles() {
    TestCluster.removeLasting(directory);
  }

  @Override
  protected int usualRounds() {
    return 3;
  }

  @Override
  protected int acknowledgementsMax() {
    return 400;
  }

  @Override
  protected Class<? extends Function<Path, StorageAdapter>> factory() {
    return layer.factory();
  }
}
