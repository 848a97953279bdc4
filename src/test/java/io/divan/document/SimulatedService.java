package io.divan.document;

import io.divan.storage.StorageAdapter;
import io.divan.storage.TransactionListener;
import io.divan.storage.checked.CheckedAdapter;
import io.divan.storage.fdb.FdbAdapter;
import io.divan.storage.fdb.simulation.Faults;
import io.divan.storage.fdb.simulation.SimulatedClients;
import io.divan.storage.fdb.simulation.SimulatedFoundationDb;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Instances of the service over one simulated cluster, with a database that all of them use; clock,
 * turns, ids and faults come from a seed.
 */
final class SimulatedService implements AutoCloseable {
  private static final Duration LONG = Duration.ofHours(1);

  private final SimulatedClients clients;
  private final SimulatedFoundationDb cluster;
  private final List<StorageAdapter> adapters = new ArrayList<>();
  private final List<JournaledStore> stores = new ArrayList<>();
  private final List<Database> databases = new ArrayList<>();
  private final AtomicInteger conflicts = new AtomicInteger();

  /**
   * Starts instances.
   *
   * @param retriesMax how often each tries a transaction again
   */
  SimulatedService(long seed, int instances, int retriesMax) {
    clients = new SimulatedClients(seed);
    cluster = new SimulatedFoundationDb(clients);
    for (int i = 0; i < instances; i++) {
      adapters.add(adapter(retriesMax));
    }
    new Databases(adapters.getFirst(), Clock.systemUTC()).create("db");
    for (StorageAdapter adapter : adapters) {
      JournaledStore store = new JournaledStore(adapter.open("db"));
      stores.add(store);
      databases.add(TestDatabases.of(store));
    }
  }

  private StorageAdapter adapter(int retriesMax) {
    FdbAdapter.Options options =
        FdbAdapter.Options.defaults()
            .bounds(LONG, retriesMax)
            .maintenance(100, Duration.ofSeconds(1), false)
            .sources(clients.random(), clients.clock());
    TransactionListener listener = report -> conflicts.addAndGet(report.conflicts());
    return new CheckedAdapter(new FdbAdapter(cluster.open(), options, listener));
  }

  SimulatedClients clients() {
    return clients;
  }

  Faults faults() {
    return cluster.faults();
  }

  /** The database, by one of the instances. */
  Database database(int client) {
    return databases.get(client % databases.size());
  }

  /** Where that instance keeps it. */
  JournaledStore store(int client) {
    return stores.get(client % stores.size());
  }

  /** How many attempts at transactions have ended in a conflict. */
  int conflicts() {
    return conflicts.get();
  }

  @Override
  public void close() {
    cluster.faults().clear();
    adapters.forEach(StorageAdapter::close);
  }
}
