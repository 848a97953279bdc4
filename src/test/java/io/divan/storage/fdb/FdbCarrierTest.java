package io.divan.storage.fdb;

import io.divan.storage.CarrierTest;
import io.divan.storage.StorageAdapter;
import io.divan.storage.TransactionListener;
import io.divan.storage.fdb.simulation.SimulatedFoundationDb;
import java.nio.file.Path;
import java.util.function.Function;

class FdbCarrierTest extends CarrierTest {

  /** Creates an adapter over a cluster of its own. */
  public static final class Factory implements Function<Path, StorageAdapter> {
    @Override
    public StorageAdapter apply(Path directory) {
      return new FdbAdapter(
          new SimulatedFoundationDb().open(),
          FdbAdapter.Options.defaults(),
          TransactionListener.NONE);
    }
  }

  @Override
  protected Class<? extends Function<Path, StorageAdapter>> factory() {
    return Factory.class;
  }
}
