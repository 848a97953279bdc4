package io.divan.storage.sqlite;

import io.divan.storage.Leases;
import io.divan.storage.Limits;
import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageContractTest;
import io.divan.storage.TableKeys;
import io.divan.storage.TransactionListener;
import io.divan.storage.fdb.FdbAdapter;
import io.divan.storage.fdb.simulation.SimulatedFoundationDb;
import io.divan.storage.sqlite.pages.PageOptions;
import java.nio.file.Path;
import java.time.Duration;

class SqlitePagesContractTest extends StorageContractTest {
  private final SimulatedFoundationDb cluster = new SimulatedFoundationDb();

  static StorageAdapter over(StorageAdapter base, Duration keepOldPages) {
    PageOptions pages =
        PageOptions.defaults()
            .leases(Leases.Options.exclusive("test"), Duration.ofSeconds(1))
            .keepOldPages(keepOldPages);
    return new SqlitePagesAdapter(
        base, SqlitePagesAdapter.Options.of(pages), TransactionListener.NONE);
  }

  @Override
  protected StorageAdapter newAdapter(Path directory) {
    return over(
        new FdbAdapter(
            cluster.open(), FdbAdapter.Options.defaults(), TransactionListener.NONE),
        Duration.ofSeconds(60));
  }

  @Override
  public int adapterKeyBytesMax() {
    return Limits.ADAPTER_KEY_BYTES_MAX - TableKeys.PREFIX_BYTES_MAX;
  }
}
