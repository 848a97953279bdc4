package io.divan.storage.sqlite;

import io.divan.storage.StorageAdapter;
import io.divan.storage.TransactionListener;
import io.divan.storage.fdb.MemoryLayerContractTest;
import io.divan.storage.lease.Leases;
import io.divan.storage.sqlite.pages.PageOptions;
import java.time.Duration;

class SqlitePagesContractTest extends MemoryLayerContractTest {
  static StorageAdapter over(StorageAdapter base, Duration keepOldPages) {
    PageOptions pages =
        PageOptions.defaults()
            .leases(Leases.Options.exclusive("test"), Duration.ofSeconds(1))
            .keepOldPages(keepOldPages);
    return new SqlitePagesAdapter(
        base, SqlitePagesAdapter.Options.of(pages), TransactionListener.NONE);
  }

  @Override
  protected StorageAdapter over(StorageAdapter base) {
    return over(base, Duration.ofSeconds(60));
  }
}
