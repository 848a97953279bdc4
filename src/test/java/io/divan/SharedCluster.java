package io.divan;

import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageBackend;
import io.divan.storage.fdb.FdbAdapter;
import io.divan.storage.fdb.simulation.SimulatedFoundationDb;
import org.springframework.context.annotation.Bean;

/** The backend {@value #NAME}: a simulated cluster that all instances of this process share. */
final class SharedCluster {
  static final String NAME = "shared";

  private static final SimulatedFoundationDb CLUSTER = new SimulatedFoundationDb();

  private record SharedBackend() implements StorageBackend {
    @Override
    public String name() {
      return NAME;
    }

    @Override
    public StorageAdapter open(Context context) {
      return new FdbAdapter(CLUSTER.open(), FdbAdapter.Options.defaults(), context.listener());
    }
  }

  @Bean
  StorageBackend sharedBackend() {
    return new SharedBackend();
  }
}
