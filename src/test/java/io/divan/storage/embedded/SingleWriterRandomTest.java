package io.divan.storage.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.storage.Seeds;
import io.divan.storage.StorageException;
import io.divan.storage.TransactionListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Many writers over an engine that fails at random: what callers were told is what is there. */
@Timeout(60)
class SingleWriterRandomTest {
  private static final int CALLERS = 40;
  private static final int WRITES = 200;

  private static final class Mine extends RuntimeException {}

  private final long seed = Seeds.seed(4_711);
  private final FakeEngine engine = new FakeEngine();
  private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
  private final Set<String> rolledBack = ConcurrentHashMap.newKeySet();
  private final Set<String> unavailable = ConcurrentHashMap.newKeySet();

  @Test
  void write_engineFailsAtRandom_outcomesAreTrue() throws Exception {
    Random faults = new Random(seed);
    for (int i = 0; i < CALLERS * WRITES; i++) {
      engine.commitFailures.add(fault(faults));
      engine.beginFailures.add(
          faults.nextInt(50) == 0
              ? Optional.of(new StorageException.StoreUnavailable("cannot begin"))
              : Optional.empty());
    }
    AtomicLong nanos = new AtomicLong();
    try (WorkerThreads threads = new WorkerThreads("test", 2, 100, Duration.ofSeconds(30));
        SingleWriter writer =
            new SingleWriter(
                engine,
                threads,
                TransactionListener.NONE,
                WriterBounds.DEFAULT,
                // Each look at the clock takes 1 ms, so that back-offs end.
                () -> nanos.addAndGet(1_000_000));
        ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> ends = new ArrayList<>();
      for (int i = 0; i < CALLERS; i++) {
        int caller = i;
        ends.add(callers.submit(() -> write(writer, caller)));
      }
      for (Future<?> end : ends) {
        end.get();
      }
    }
    check();
  }

  private static Optional<RuntimeException> fault(Random faults) {
    return switch (faults.nextInt(20)) {
      case 0 -> Optional.of(new StorageException.StoreFull("full", new IllegalStateException()));
      case 1 -> Optional.of(new StorageException.StoreUnavailable("sync failed"));
      default -> Optional.empty();
    };
  }

  private void write(SingleWriter writer, int caller) {
    Random random = new Random(seed + caller);
    for (int i = 0; i < WRITES; i++) {
      int kind = random.nextInt(10);
      String key = (kind == 0 ? "huge-" : kind == 1 ? "impossible-" : "small-") + caller + "-" + i;
      try {
        writer.write(
            transaction -> {
              transaction.put(FakeEngine.TABLE, FakeEngine.key(key), new byte[0]);
              if (kind == 2) {
                throw new Mine();
              }
              return key;
            });
        acknowledged.add(key);
      } catch (Mine | FakeEngine.Undone e) {
        rolledBack.add(key);
      } catch (StorageException e) {
        unavailable.add(key);
      }
    }
  }

  private void check() {
    String as = Seeds.replay(seed);
    assertThat(acknowledged.size() + rolledBack.size() + unavailable.size())
        .as(as)
        .isEqualTo(CALLERS * WRITES);
    assertThat(engine.durable).as(as).doesNotHaveDuplicates();
    // The fake engine's failed commits write nothing, so nothing else may be there.
    assertThat(Set.copyOf(engine.durable)).as(as).isEqualTo(acknowledged);
    assertThat(acknowledged).as(as).hasSizeGreaterThan(WRITES);
    assertThat(rolledBack).as(as).isNotEmpty();
    assertThat(unavailable).as(as).isNotEmpty();
  }
}
