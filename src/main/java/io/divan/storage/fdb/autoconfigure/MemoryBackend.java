package io.divan.storage.fdb.autoconfigure;

import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageBackend;
import io.divan.storage.fdb.FdbAdapter;
import io.divan.storage.fdb.simulation.SimulatedFoundationDb;
import java.util.function.Supplier;

/** The backend {@code memory}: databases in a simulated cluster in this process. */
record MemoryBackend(FdbProperties properties, Supplier<SimulatedFoundationDb> cluster)
    implements StorageBackend {

  @Override
  public String name() {
    return "memory";
  }

  @Override
  public boolean isDurable() {
    return false;
  }

  @Override
  public StorageAdapter open(Context context) {
    return new FdbAdapter(cluster.get().open(), properties.options(context), context.listener());
  }
}
