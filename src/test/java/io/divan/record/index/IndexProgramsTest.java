package io.divan.record.index;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.record.index.TestThings.Kind;
import io.divan.record.index.TestThings.Thing;
import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.fdb.ProgramCluster;
import io.divan.storage.fdb.simulation.SimulatedClients;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;

/**
 * Indexes of every kind are built by several instances, which crash between batches, scrubbed and
 * dropped while writers continue, over one simulated cluster with faults. {@code
 * -Ddivan.programs=N} runs more seeds, {@code -Ddivan.seed=N -Ddivan.programs=1} the one that
 * failed.
 */
class IndexProgramsTest {
  private static final int INSTANCES = 3;
  private static final int IDS = 20;

  @Test
  void build_besideWriters_equalsARecount() {
    int[] programs = {0};
    int compared =
        ProgramCluster.programs(
            20_261_900,
            20,
            seed -> {
              synchronized (programs) {
                programs[0]++;
              }
              return run(seed);
            });
    assertThat(compared).as("indexes compared").isGreaterThan(2 * programs[0]);
  }

  /** Returns the number of indexes compared. */
  private static int run(long seed) {
    Random random = new Random(seed);
    try (ProgramCluster cluster = new ProgramCluster(seed)) {
      return run(cluster, random);
    }
  }

  private static int run(ProgramCluster cluster, Random random) {
    SimulatedClients clients = cluster.clients();
    List<Store> stores = new ArrayList<>();
    List<TestThings> things = new ArrayList<>();
    for (int i = 0; i < INSTANCES; i++) {
      StorageAdapter adapter = cluster.open();
      if (i == 0) {
        adapter.create("db", transaction -> {});
      }
      stores.add(adapter.open("db"));
      things.add(new TestThings(1 + random.nextInt(5)));
    }
    boolean codes = random.nextInt(3) == 0;
    fill(stores.getFirst(), things.getFirst(), random, codes);
    for (int i = 0; i < 4; i++) {
      int client = i;
      long own = random.nextLong();
      clients.start(
          "writer " + i,
          () -> write(
              stores.get(client % INSTANCES),
              things.get(client % INSTANCES),
              new Random(own),
              codes));
    }
    List<Kind> kinds = new ArrayList<>(List.of(Kind.values()));
    Collections.shuffle(kinds, random);
    List<Kind> wanted = kinds.subList(0, 4 + random.nextInt(3));
    for (int i = 0; i < 2; i++) {
      int client = i;
      long own = random.nextLong();
      clients.start(
          "builder " + i,
          () -> build(
              stores.get(client + 1),
              things.get(client + 1),
              client == 0 ? wanted : List.of(),
              clients,
              new Random(own)));
    }
    long scrubs = random.nextLong();
    clients.start(
        "scrubber", () -> scrub(stores.get(0), things.get(0), clients, new Random(scrubs)));
    cluster.run(random);
    return finish(stores.getFirst());
  }

  private static void fill(Store store, TestThings things, Random random, boolean codes) {
    SequencedMap<String, Optional<Thing>> all = new LinkedHashMap<>();
    for (int i = 0; i < IDS; i += 1 + random.nextInt(2)) {
      all.put("\0" + i, Optional.of(thing(random, codes)));
    }
    store.write(
        transaction -> {
          things.change(transaction, all);
          return true;
        });
  }

  private static Thing thing(Random random, boolean codes) {
    Thing thing = IndexModelTest.thing(random, 40);
    return codes
        ? thing
        : new Thing(thing.city(), thing.age(), thing.tags(), Optional.empty());
  }

  private static void write(Store store, TestThings things, Random random, boolean codes) {
    for (int i = 0; i < 20; i++) {
      SequencedMap<String, Optional<Thing>> changes = new LinkedHashMap<>();
      for (int j = random.nextInt(3); j >= 0; j--) {
        changes.put(
            "\0" + random.nextInt(IDS),
            random.nextInt(4) == 0
                ? Optional.empty()
                : Optional.of(thing(random, codes)));
      }
      try {
        store.write(
            transaction -> {
              things.change(transaction, changes);
              return true;
            });
      } catch (IndexException.NotUnique e) {
        assertThat(codes).as("things have codes").isTrue();
      }
    }
  }

  /** Creates indexes one after another, and builds all there are; crashes between batches. */
  private static void build(
      Store store,
      TestThings things,
      List<Kind> wanted,
      SimulatedClients clients,
      Random random) {
    List<Kind> left = new ArrayList<>(wanted);
    for (int i = 0; i < 60; i++) {
      if (!left.isEmpty() && random.nextInt(3) == 0) {
        TestThings.create(store, left.removeLast());
      }
      List<IndexHandle> building =
          store.read(things::catalog).all().stream()
              .filter(index -> index.state() == IndexState.BUILDING)
              .toList();
      if (building.isEmpty()) {
        clients.sleep(Duration.ofMillis(5));
        continue;
      }
      IndexHandle index = building.get(random.nextInt(building.size()));
      IndexBuild<Thing> build =
          new IndexBuild<>(store, TestThings.SPACE, index.number(), things);
      for (int batches = 1 + random.nextInt(4); batches > 0; batches--) {
        try {
          if (!(build.step() instanceof IndexBuild.Step.More)) {
            break;
          }
        } catch (StorageException.StoreUnavailable e) {
          break; // as a crash after an unknown result
        }
      }
    }
  }

  /** Compares readable indexes, which are right at any time, and drops some of them. */
  private static void scrub(
      Store store, TestThings things, SimulatedClients clients, Random random) {
    for (int i = 0; i < 15; i++) {
      List<IndexHandle> readable =
          store.read(things::catalog).all().stream().filter(IndexHandle::readable).toList();
      if (readable.isEmpty()) {
        clients.sleep(Duration.ofMillis(20));
        continue;
      }
      IndexHandle index = readable.get(random.nextInt(readable.size()));
      if (random.nextInt(8) > 0) {
        IndexScrub.Found found = things.scrub(store, index, random.nextBoolean());
        assertThat(found).isEqualTo(new IndexScrub.Found(found.checked(), 0, 0, 0, 0, false));
        continue;
      }
      store.write(
          transaction -> {
            IndexCatalog.drop(transaction, TestThings.SPACE, index.number());
            return true;
          });
      IndexClear clear = new IndexClear(store, TestThings.SPACE, index.number());
      for (int steps = random.nextInt(8); steps > 0 && clear.step(); steps--) {
        clients.turn();
      }
    }
  }

  private static int finish(Store store) {
    TestThings things = new TestThings(3);
    for (IndexHandle index : store.read(things::catalog).all()) {
      if (index.state() == IndexState.DROPPING) {
        IndexClear clear = new IndexClear(store, TestThings.SPACE, index.number());
        boolean more = true;
        while (more) {
          more = clear.step();
        }
        assertThat(Recount.rows(store, index.number())).isEmpty();
      }
    }
    for (IndexHandle index : store.read(things::catalog).all()) {
      if (index.state() == IndexState.BUILDING) {
        things.build(store, index);
      }
    }
    int compared = Recount.compare(store);
    for (IndexHandle index : store.read(things::catalog).all()) {
      if (index.readable()) {
        IndexScrub.Found found = things.scrub(store, index, true);
        assertThat(found).isEqualTo(new IndexScrub.Found(found.checked(), 0, 0, 0, 0, false));
      } else {
        assertThat(Kind.of(index)).isEqualTo(Kind.UNIQUE_CODE);
      }
    }
    assertThat(Recount.compare(store)).isEqualTo(compared);
    return compared;
  }
}
