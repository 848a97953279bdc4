package io.divan.document;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.document.attachment.ContentReceiver;
import io.divan.document.attachment.ContentSweep;
import io.divan.document.attachment.ContentWriter;
import io.divan.document.maintenance.DatabaseCheck;
import io.divan.document.maintenance.TestCompaction;
import io.divan.storage.Seeds;
import io.divan.storage.StorageException;
import io.divan.storage.fdb.simulation.Faults.Fault;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Edits that store and free the same contents at the same time, on two instances over one simulated
 * cluster that fails as a seed says. {@code -Ddivan.programs=N} runs more seeds.
 */
class FdbContentsTest {

  /** In memory; in chunks that one transaction removes; in chunks that a sweep removes. */
  private static final int[] LENGTHS = {10, 64_000, 64_001, 96_000, 300_000, 1_200_000};

  private enum Scenario {
    /** Several documents get the same content. */
    UPLOADS,
    /** A document loses the content that others get. */
    REMOVAL_BESIDE_UPLOADS,
    /** A sweep, for which the lease has ended, runs while documents get the content. */
    SWEEP_BESIDE_UPLOADS
  }

  private static final class Run {
    private final Scenario scenario;
    private final Random random;
    private final SimulatedService service;
    private final byte[] bytes;
    private final List<ContentReceiver> receivers = new ArrayList<>();
    private final Map<String, String> stored = new TreeMap<>();

    Run(Scenario scenario, Random random, SimulatedService service) {
      this.scenario = scenario;
      this.random = random;
      this.service = service;
      this.bytes =
          TestAttachments.bytes(random.nextInt(), LENGTHS[random.nextInt(LENGTHS.length)]);
    }

    private Database database(int client) {
      return service.database(client);
    }

    /** Receives the content, and returns an edit of a document that stores it. */
    private Runnable upload(int client, String id) {
      ContentReceiver receiver = TestAttachments.receiver(database(client));
      receivers.add(receiver);
      AttachmentInput attachment =
          TestAttachments.received(receiver, "x", "image/png", bytes);
      return () -> {
        try {
          stored.put(
              id, TestAttachments.put(database(client), id, Optional.empty(), attachment));
        } catch (StorageException.StoreUnavailable e) {
          assertThat(scenario).isEqualTo(Scenario.SWEEP_BESIDE_UPLOADS);
          assertThat(e).hasMessageContaining("send it again");
        }
      };
    }

    private Runnable removal(String id) {
      String revision = TestAttachments.put(database(0), id, Optional.empty(), "x", bytes);
      return switch (random.nextInt(3)) {
        case 0 ->
            () -> {
              TestDatabases.saved(
                  database(0), "{'_id':'" + id + "','_rev':'" + revision + "','_deleted':true}");
              TestCompaction.compact(database(1));
            };
        case 1 ->
            () -> {
              TestAttachments.put(database(0), id, Optional.of(revision), "y", new byte[5]);
              TestCompaction.compact(database(0));
            };
        default ->
            () -> database(1)
                .purges()
                .purge(Map.of(id, List.of(TestDatabases.revision(revision))));
      };
    }

    private Runnable sweep(int client) {
      return () -> sweepAfter(client, ContentWriter.LEASE.multipliedBy(2).toMillis());
    }

    private ContentSweep.Swept sweepAfter(int client, long millis) {
      InstantSource later = InstantSource.offset(
          InstantSource.system(), java.time.Duration.ofMillis(millis));
      return new ContentSweep(database(client).store(), later, () -> false).run();
    }

    void run() {
      List<Runnable> work = new ArrayList<>();
      if (scenario == Scenario.REMOVAL_BESIDE_UPLOADS) {
        work.add(removal("old"));
      }
      int uploads = 1 + random.nextInt(3) + (scenario == Scenario.UPLOADS ? 1 : 0);
      for (int i = 0; i < uploads; i++) {
        work.add(upload(i, "new" + i));
      }
      if (scenario == Scenario.SWEEP_BESIDE_UPLOADS) {
        work.add(sweep(0));
        work.add(sweep(1));
      }
      for (int i = 0; i < work.size(); i++) {
        service.clients().start("" + i, work.get(i)::run);
      }
      faults();
      service.clients().run();
      service.faults().clear();
      check(uploads);
    }

    private void faults() {
      double strength = random.nextInt(4) == 0 ? 0 : random.nextDouble();
      service.faults().chance(Fault.CONFLICT, strength * 0.2);
      service.faults().chance(Fault.UNKNOWN_COMMITTED, strength * 0.4);
      service.faults().chance(Fault.UNKNOWN_NOT_COMMITTED, strength * 0.3);
      service.faults().chance(Fault.TOO_OLD_COMMIT, strength * 0.1);
    }

    private void check(int uploads) {
      if (scenario != Scenario.SWEEP_BESIDE_UPLOADS) {
        assertThat(stored).hasSize(uploads);
      }
      assertThat(DatabaseCheck.problems(database(0), true)).isEmpty();
      receivers.forEach(ContentReceiver::close);
      sweepAfter(1, ContentWriter.LEASE.multipliedBy(3).toMillis());
      assertThat(DatabaseCheck.problems(database(1), true)).isEmpty();
      stored.forEach(
          (id, revision) -> assertThat(
              TestAttachments.read(database(1), id, "x", Optional.of(revision)))
              .isEqualTo(bytes));
      List<Long> rows = TestAttachments.rows(database(0).store());
      long chunks = bytes.length > 64_000 ? Math.ceilDiv(bytes.length, 96_000) : 0;
      assertThat(rows.get(2)).as("chunks").isEqualTo(stored.isEmpty() ? 0 : chunks);
      assertThat(rows.get(3)).as("deadlines").isZero();
    }
  }

  @ParameterizedTest
  @EnumSource
  void contents_areStoredOnceAndFreed(Scenario scenario) {
    long seed = Seeds.seed(20_270_000);
    int runs = Integer.getInteger("divan.programs", 50);
    LongStream.range(seed, seed + runs)
        .parallel()
        .forEach(
            one -> {
              try (SimulatedService service = new SimulatedService(one, 2, 1_000)) {
                new Run(scenario, new Random(one), service).run();
              } catch (AssertionError | RuntimeException e) {
                throw new AssertionError(
                    Seeds.replay(one) + " -Ddivan.programs=1: " + e.getMessage(), e);
              }
            });
  }
}
