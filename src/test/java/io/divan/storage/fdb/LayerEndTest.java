package io.divan.storage.fdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.ChildJvm;
import io.divan.storage.StorageAdapter;
import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A process that is asked to end, on the cluster named by {@code FDB_CLUSTER_FILE}. */
@Timeout(120)
class LayerEndTest {
  @RegisterExtension static final TestCluster CLUSTER = TestCluster.required();

  @TempDir Path directory;

  @AfterEach
  void removeFiles() {
    TestCluster.removeLasting(directory);
  }

  @ParameterizedTest
  @EnumSource
  void end_ownerClosesItsDatabases_anotherHasThemAtOnce(Layer layer) throws Exception {
    Path files = directory.resolve("files");
    Process child = ChildJvm.program(EndChild.class, layer.name(), files.toString());
    try (BufferedReader out = child.inputReader()) {
      assertThat(out.readLine()).isEqualTo("owned");
      child.toHandle().destroy();
      assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
    } finally {
      child.destroyForcibly();
    }
    try (StorageAdapter adapter = layer.over(TestCluster.lasting(files), EndChild.LEASES)) {
      byte[] last =
          adapter
              .open("places")
              .read(transaction -> transaction.get(EndChild.T, EndChild.KEY).orElseThrow());
      assertThat(last).containsExactly(50);
    }
  }
}
