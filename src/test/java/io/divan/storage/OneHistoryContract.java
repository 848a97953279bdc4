package io.divan.storage;

import static io.divan.storage.Capabilities.estimatedBytes;
import static io.divan.storage.Capabilities.openSnapshot;
import static org.assertj.core.api.Assertions.assertThat;

import io.divan.storage.checked.CheckedAdapter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/**
 * A random list of operations has the same results on this adapter as on the reference adapter, and
 * so on every other one. Versionstamps are compared by their order.
 */
interface OneHistoryContract extends ContractFixture {

  /** The number of operations on a store or on the adapter. */
  int OPERATIONS = 300;

  @Test
  default void operations_fromOneSeed_haveOneHistory() {
    long seed = Seeds.seed(20_266);
    ReferenceAdapter reference = new ReferenceAdapter();
    History history = new History(this, new Random(seed), reference);
    adapter().create("b/", t -> {});
    for (String name : history.names()) {
      history.model.create(name, t -> {});
    }
    for (int i = 0; i < OPERATIONS; i++) {
      try {
        history.operation();
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError(
            Seeds.replay(seed) + ", operation " + i + ": " + history.operation + "\n"
                + e.getMessage(),
            e);
      }
    }
  }

  /** The stamps of one adapter: each database numbers its commits in their order. */
  final class Side {
    private final Map<String, Map<Versionstamp, Integer>> stamps = new HashMap<>();
    private final Map<String, Versionstamp> last = new HashMap<>();

    String name(String database, Versionstamp stamp) {
      return stamps.get(database).get(stamp.at(0)) + "." + stamp.position();
    }

    /** Numbers a commit. Stamps of a database increase, even if it was recreated. */
    String commit(String database, Optional<Versionstamp> versionstamp) {
      if (versionstamp.isEmpty()) {
        return "nothing written";
      }
      Versionstamp stamp = versionstamp.get();
      assertThat(stamp).isGreaterThan(last.getOrDefault(database, Versionstamp.ZERO));
      last.put(database, stamp);
      Map<Versionstamp, Integer> ofDatabase =
          stamps.computeIfAbsent(database, name -> new HashMap<>());
      ofDatabase.put(stamp, ofDatabase.size());
      return "commit " + ofDatabase.size();
    }
  }

  /** Runs the operations on both adapters. */
  final class History {
    private final OneHistoryContract contract;
    private final Random random;
    private final RandomSteps source;
    private final Side actualSide = new Side();
    private final Side modelSide = new Side();

    /** Maps config versions of the adapter to those of the model, by database. */
    private final Map<String, Map<String, String>> configs = new HashMap<>();

    private ReferenceAdapter reference;
    private StorageAdapter model;
    private String operation = "";

    History(OneHistoryContract contract, Random random, ReferenceAdapter reference) {
      this.contract = contract;
      this.random = random;
      this.source = new RandomSteps(random, true);
      this.reference = reference;
      this.model = new CheckedAdapter(reference);
    }

    List<String> names() {
      return List.of("b/", "db");
    }

    void operation() {
      String name = names().get(random.nextInt(names().size()));
      int kind = random.nextInt(100);
      if (kind < 65) {
        write(name, false);
      } else if (kind < 72) {
        write(name, true);
      } else if (kind < 84) {
        read(name);
      } else if (kind < 88) {
        batches(name);
      } else if (kind < 92) {
        estimate(name);
      } else if (kind < 95) {
        clear(name);
      } else if (kind < 98) {
        createAgain(name);
      } else {
        reopen();
      }
    }

    private void write(String name, boolean rollsBack) {
      List<Step> steps = source.writes();
      operation = "write " + name + (rollsBack ? ", rolled back " : " ") + steps;
      List<String> actual = write(contract.adapter(), actualSide, name, steps, rollsBack);
      assertAgree(name, actual, write(model, modelSide, name, steps, rollsBack));
    }

    private static List<String> write(
        StorageAdapter adapter, Side side, String name, List<Step> steps, boolean rollsBack) {
      List<String> results = new ArrayList<>();
      try {
        Written<Boolean> written =
            adapter
                .open(name)
                .write(
                    t -> {
                      results.clear();
                      results.addAll(Step.runAll(steps, t, stamp -> side.name(name, stamp)));
                      if (rollsBack) {
                        throw new SerializabilityContract.Rollback();
                      }
                      return true;
                    });
        results.add(side.commit(name, written.versionstamp()));
      } catch (SerializabilityContract.Rollback e) {
        results.add("rolled back");
      }
      return results;
    }

    private void read(String name) {
      List<Step> steps = source.reads();
      boolean inSnapshot = random.nextBoolean();
      operation = "read " + name + " " + steps;
      assertAgree(
          name,
          read(contract.adapter(), actualSide, name, steps, inSnapshot),
          read(model, modelSide, name, steps, inSnapshot));
    }

    private static List<String> read(
        StorageAdapter adapter, Side side, String name, List<Step> steps, boolean inSnapshot) {
      Store store = adapter.open(name);
      if (!inSnapshot || store.capability(Capability.Snapshots.class).isEmpty()) {
        return store.read(t -> Step.readAll(steps, t, stamp -> side.name(name, stamp)));
      }
      try (Snapshot snapshot = openSnapshot(store)) {
        return Step.readAll(steps, snapshot, stamp -> side.name(name, stamp));
      }
    }

    private void assertAgree(String name, List<String> actual, List<String> expected) {
      Map<String, String> known = configs.computeIfAbsent(name, any -> new HashMap<>());
      assertThat(actual).hasSameSizeAs(expected);
      for (int i = 0; i < actual.size(); i++) {
        if (actual.get(i).startsWith(Step.Config.PREFIX)) {
          known.putIfAbsent(actual.get(i), expected.get(i));
          assertThat(known.get(actual.get(i))).as("config").isEqualTo(expected.get(i));
        } else {
          assertThat(actual.get(i)).as("result %d", i).isEqualTo(expected.get(i));
        }
      }
    }

    private void batches(String name) {
      Range range = source.span().range();
      int rowsMax = 1 + random.nextInt(4);
      operation = "batches " + name + " of " + rowsMax;
      assertThat(batches(contract.adapter(), actualSide, name, range, rowsMax))
          .isEqualTo(batches(model, modelSide, name, range, rowsMax));
    }

    private static List<List<String>> batches(
        StorageAdapter adapter, Side side, String name, Range range, int rowsMax) {
      Function<Versionstamp, String> names = stamp -> side.name(name, stamp);
      BatchScan<String> scan =
          adapter
              .open(name)
              .scan(
                  range,
                  Range.NO_LIMIT,
                  (t, rows) -> {
                    int count = Math.min(rowsMax, rows.size());
                    return new BatchScan.Batch<>(
                        rows.subList(0, count).stream()
                            .map(row -> Step.show(row.key(), names))
                            .toList(),
                        count);
                  });
      List<List<String>> batches = new ArrayList<>();
      while (scan.hasMore()) {
        batches.add(scan.next());
      }
      return batches;
    }

    private void estimate(String name) {
      Range range = source.span().range();
      operation = "estimate " + name;
      contract
          .adapter()
          .open(name)
          .capability(Capability.RangeSizes.class)
          .ifPresent(
              sizes -> assertThat(sizes.estimatedBytes(range))
                  .isEqualTo(estimatedBytes(model.open(name), range)));
    }

    private void clear(String name) {
      Range range = source.span().range();
      operation = "clear " + name;
      for (StorageAdapter adapter : List.of(contract.adapter(), model)) {
        adapter
            .open(name)
            .write(
                transaction -> {
                  transaction.deleteRange(range);
                  return true;
                });
      }
    }

    private void createAgain(String name) {
      List<Step> steps = List.of(new Step.Put(ROWS, 0, "created"), new Step.Add(1, 1));
      operation = "create again " + name;
      for (StorageAdapter adapter : List.of(contract.adapter(), model)) {
        adapter.delete(name);
        assertThat(adapter.list(NameRange.all())).hasSize(1);
        adapter.create(name, t -> Step.runAll(steps, t, Versionstamp::toString));
      }
      configs.remove(name);
    }

    private void reopen() {
      operation = "reopen";
      contract.reopen();
      model.close();
      reference = reference.reopened();
      model = new CheckedAdapter(reference);
      assertThat(contract.adapter().list(NameRange.all()))
          .isEqualTo(model.list(NameRange.all()))
          .isEqualTo(names());
    }
  }
}
