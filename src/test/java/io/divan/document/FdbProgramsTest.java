package io.divan.document;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.storage.CheckedAdapter;
import io.divan.storage.Seeds;
import io.divan.storage.StorageAdapter;
import io.divan.storage.TransactionListener;
import io.divan.storage.Versionstamp;
import io.divan.storage.fdb.FdbAdapter;
import io.divan.storage.fdb.simulation.Faults;
import io.divan.storage.fdb.simulation.SimulatedClients;
import io.divan.storage.fdb.simulation.SimulatedFoundationDb;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Eight clients of two instances edit one database on a cluster that fails, in turns that a seed
 * draws. Replayed in the order of the stamps they were answered, their edits must have on a plain
 * model the outcomes they were answered, and the database must end as the model does.
 *
 * <p>{@code -Ddivan.programs=N} runs more seeds, {@code -Ddivan.seed=N -Ddivan.programs=1} the one
 * that failed.
 */
class FdbProgramsTest {
  private static final int CLIENTS = 8;
  private static final int OPERATIONS_MAX = 200;

  /**
   * What was answered to an operation.
   *
   * @param edits what was edited; nothing where the limit of revisions was set
   * @param stamp where it has its place; nothing where it changed nothing
   * @param after what had been acknowledged when it began
   */
  private record Done(
      Optional<List<ModelDatabase.Edit>> edits,
      boolean replicated,
      int revsLimit,
      List<String> outcomes,
      Optional<Versionstamp> stamp,
      Versionstamp after) {}

  /** One run under one seed. */
  private static final class Run {
    private final SimulatedClients clients;
    private final SimulatedFoundationDb cluster;
    private final List<StorageAdapter> adapters = new ArrayList<>();
    private final List<Done> done = new ArrayList<>();

    /** What revisions there may be, to choose edits by; of no account for what is right. */
    private final ModelDatabase known = new ModelDatabase();
    private final Map<String, String> newest = new HashMap<>();
    private Versionstamp acknowledged = Versionstamp.ZERO;

    Run(long seed) {
      clients = new SimulatedClients(seed);
      cluster = new SimulatedFoundationDb(clients);
      for (int i = 0; i < 2; i++) {
        FdbAdapter.Options options =
            FdbAdapter.Options.defaults()
                .bounds(Duration.ofMinutes(5), 10_000)
                .maintenance(100, Duration.ofSeconds(1), false)
                .sources(clients.random(), clients.clock());
        adapters.add(
            new CheckedAdapter(
                new FdbAdapter(cluster.open(), options, TransactionListener.NONE)));
      }
      new Databases(adapters.getFirst(), Clock.systemUTC()).create("db");
    }

    long run() {
      Random random = new Random(clients.seed());
      int most = random.nextInt(40) == 0 ? OPERATIONS_MAX : 1 + random.nextInt(12);
      turnDials(random);
      for (int i = 0; i < CLIENTS; i++) {
        StorageAdapter adapter = adapters.get(i % adapters.size());
        long clientSeed = random.nextLong();
        int operations = 1 + random.nextInt(most);
        clients.start("client" + i, () -> edit(adapter, new Random(clientSeed), operations));
      }
      clients.run();
      cluster.faults().clear();
      compare(replay());
      adapters.forEach(StorageAdapter::close);
      return clients.trace();
    }

    private void turnDials(Random random) {
      Faults faults = cluster.faults();
      boolean all = random.nextInt(10) == 0;
      faults.chance(Faults.Fault.CONFLICT, random.nextInt(3) * 0.05);
      faults.chance(Faults.Fault.UNKNOWN_COMMITTED, all ? 0.5 : random.nextInt(3) * 0.05);
      faults.chance(Faults.Fault.UNKNOWN_NOT_COMMITTED, all ? 0.5 : random.nextInt(3) * 0.05);
      faults.chance(Faults.Fault.CLUSTER_VERSION_CHANGED, random.nextInt(3) * 0.03);
      faults.chance(Faults.Fault.TOO_OLD_READ, random.nextInt(3) * 0.01);
      faults.chance(Faults.Fault.TOO_OLD_COMMIT, random.nextInt(3) * 0.02);
      faults.chance(Faults.Fault.PROCESS_BEHIND, random.nextInt(3) * 0.01);
      faults.chance(Faults.Fault.DELAY, random.nextInt(3) * 0.02);
      faults.chance(Faults.Fault.RESTART, random.nextInt(3) * 0.01);
    }

    private void edit(StorageAdapter adapter, Random random, int operations) {
      RecordingStore store = new RecordingStore(adapter.open("db"));
      Database database = new Database(store);
      int left = operations;
      while (left > 0) {
        for (ModelProgram.Operation operation : ModelProgram.random(random)) {
          if (left-- > 0) {
            apply(operation, database, store);
          }
        }
      }
    }

    private void apply(
        ModelProgram.Operation operation, Database database, RecordingStore store) {
      Versionstamp after = acknowledged;
      switch (operation) {
        case ModelProgram.RevsLimit limit -> {
          database.revsLimit(limit.limit());
          finish(Optional.empty(), false, limit.limit(), List.of(), store.last(), after);
        }
        case ModelProgram.Batch batch -> {
          if (batch.choices().isEmpty()
              || batch.choices().stream().anyMatch(choice -> choice.size() > 1_000)) {
            return; // large ones are split, and have no one place in the order
          }
          List<ModelDatabase.Edit> edits = edits(batch);
          List<DocumentInput> inputs = edits.stream().map(ModelDatabase.Edit::input).toList();
          List<String> outcomes =
              TestDatabases.outcomes(
                  batch.replicated() ? database.replicate(inputs) : database.update(inputs));
          for (int i = 0; i < edits.size(); i++) {
            newest.put(edits.get(i).id(), outcomes.get(i));
          }
          finish(Optional.of(edits), batch.replicated(), 0, outcomes, store.last(), after);
        }
      }
    }

    /** Those of interactive batches mostly build upon what was last answered for their document. */
    private List<ModelDatabase.Edit> edits(ModelProgram.Batch batch) {
      List<ModelDatabase.Edit> edits = new ArrayList<>();
      int number = 0;
      for (ModelDatabase.Edit edit : ModelProgram.resolve(batch, known)) {
        boolean builds = !batch.replicated() && batch.choices().get(number++).base() > 3;
        Optional<Revision> base =
            Optional.ofNullable(newest.get(edit.id())).flatMap(Revision::parse);
        edits.add(
            builds && base.isPresent()
                ? new ModelDatabase.Edit(
                    edit.id(), base, edit.path(), edit.deleted(), edit.body())
                : edit);
      }
      return edits;
    }

    private void finish(
        Optional<List<ModelDatabase.Edit>> edits,
        boolean replicated,
        int revsLimit,
        List<String> outcomes,
        Optional<Versionstamp> stamp,
        Versionstamp after) {
      if (stamp.isPresent() && stamp.get().compareTo(acknowledged) > 0) {
        acknowledged = stamp.get();
      }
      done.add(new Done(edits, replicated, revsLimit, outcomes, stamp, after));
    }

    /** Applies what was committed in the order of the stamps. */
    private ModelDatabase replay() {
      ModelDatabase model = known.copy();
      List<Done> committed =
          new ArrayList<>(done.stream().filter(each -> each.stamp().isPresent()).toList());
      committed.sort(Comparator.comparing(each -> each.stamp().orElseThrow()));
      List<Done> refused =
          new ArrayList<>(done.stream().filter(each -> each.stamp().isEmpty()).toList());
      Versionstamp now = Versionstamp.ZERO;
      for (Done each : committed) {
        Versionstamp stamp = each.stamp().orElseThrow();
        assertThat(stamp).as("after all that was acknowledged").isGreaterThan(each.after());
        settle(refused, model, now);
        now = stamp;
        if (each.edits().isEmpty()) {
          model.revsLimit(each.revsLimit());
        } else {
          assertThat(each.outcomes()).isEqualTo(apply(each, model));
        }
      }
      settle(refused, model, now);
      assertThat(refused).as("answers that no state explains").isEmpty();
      return model;
    }

    /** Takes out what changed nothing and is explained by this state. */
    private static void settle(List<Done> refused, ModelDatabase model, Versionstamp now) {
      refused.removeIf(
          each -> {
            if (now.compareTo(each.after()) < 0) {
              return false;
            }
            ModelDatabase tried = model.copy();
            return apply(each, tried).equals(each.outcomes()) && tried.saysTheSameAs(model);
          });
    }

    private static List<String> apply(Done each, ModelDatabase model) {
      List<ModelDatabase.Edit> edits = each.edits().orElseThrow();
      return each.replicated() ? model.replicate(edits) : model.update(edits);
    }

    private void compare(ModelDatabase model) {
      for (StorageAdapter adapter : adapters) {
        Database database = new Databases(adapter, Clock.systemUTC()).open("db");
        assertThat(database.check()).isEmpty();
        new ModelComparison(database, model, new Random(clients.seed())).compare();
      }
    }
  }

  @Test
  void programs_ofManyClients_haveOneHistory() {
    long seed = Seeds.seed(20_260_300);
    int programs = Integer.getInteger("divan.programs", 1_000);
    for (int i = 0; i < programs; i++) {
      try {
        new Run(seed + i).run();
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError(Seeds.replay(seed + i) + " -Ddivan.programs=1", e);
      }
    }
  }

  @Test
  void program_sameSeed_runsTheSame() {
    long seed = Seeds.seed(20_260_301);
    assertThat(new Run(seed).run()).as(Seeds.replay(seed)).isEqualTo(new Run(seed).run());
  }
}
