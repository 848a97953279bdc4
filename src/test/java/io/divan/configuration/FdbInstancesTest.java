package io.divan.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.configuration.RuntimeConfiguration.Trait;
import io.divan.storage.StorageAdapter;
import io.divan.storage.TransactionListener;
import io.divan.storage.checked.CheckedAdapter;
import io.divan.storage.fdb.FdbAdapter;
import io.divan.storage.fdb.simulation.Faults.Fault;
import io.divan.storage.fdb.simulation.SimulatedFoundationDb;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Two instances of the service over one cluster see each other's changes of settings. */
class FdbInstancesTest {
  private static final ValueType<Long> NUMBER = ValueType.integer(0, 100);

  private final SimulatedFoundationDb cluster = new SimulatedFoundationDb();
  private final StorageAdapter firstAdapter = adapter();
  private final StorageAdapter secondAdapter = adapter();
  private final RuntimeConfiguration first = new RuntimeConfiguration(firstAdapter::system);
  private final RuntimeConfiguration second = new RuntimeConfiguration(secondAdapter::system);

  private StorageAdapter adapter() {
    return new CheckedAdapter(
        new FdbAdapter(
            cluster.open(), FdbAdapter.Options.defaults(), TransactionListener.NONE));
  }

  @AfterEach
  void close() {
    cluster.faults().clear();
    first.close();
    second.close();
    firstAdapter.close();
    secondAdapter.close();
  }

  @Test
  void change_onEitherInstance_reachesTheOther() throws InterruptedException {
    Setting<Long> here = first.declare("s", "n", "p", NUMBER, 0L, Trait.CHANGEABLE);
    Setting<Long> there = second.declare("s", "n", "p", NUMBER, 0L, Trait.CHANGEABLE);
    Semaphore seenHere = new Semaphore(0);
    Semaphore seenThere = new Semaphore(0);
    first.onChange(seenHere::release);
    second.onChange(seenThere::release);
    first.start();
    second.start();
    cluster.faults().chance(Fault.SPURIOUS_WATCH, 0.3);
    cluster.faults().chance(Fault.CONFLICT, 0.1);

    for (long i = 1; i <= 20; i += 2) {
      first.set("s", "n", Long.toString(i), true);
      await(seenThere, there, i);
      second.set("s", "n", Long.toString(i + 1), true);
      await(seenHere, here, i + 1);
    }
  }

  private static void await(Semaphore seen, Setting<Long> setting, long expected)
      throws InterruptedException {
    while (setting.get() != expected) {
      assertThat(seen.tryAcquire(10, TimeUnit.SECONDS)).as("%s arrives", expected).isTrue();
    }
  }
}
