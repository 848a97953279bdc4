package io.divan.record.index;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.record.index.TestThings.Kind;
import io.divan.record.index.TestThings.Thing;
import io.divan.storage.Seeds;
import io.divan.storage.StorageAdapter;
import io.divan.storage.Store;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Random changes of things while indexes of every kind are created, built, dropped and cleared, on
 * every backend; the rows must equal a recount. {@code -Ddivan.programs=N} runs more programs,
 * {@code -Ddivan.seed=N -Ddivan.programs=1} the one that failed.
 */
@Timeout(120)
class IndexModelTest {
  private static final int STEPS = 60;

  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource
  void changes_random_equalARecount(Backend backend) {
    long seed = Seeds.seed(20_261_800);
    int programs = Integer.getInteger("divan.programs", backend == Backend.REFERENCE ? 40 : 3);
    try (StorageAdapter adapter = backend.open(directory)) {
      for (long one = seed; one < seed + programs; one++) {
        Store store = adapter.create("db" + one, transaction -> {});
        try {
          new Program(store, new Random(one)).run();
        } catch (AssertionError | RuntimeException e) {
          throw new AssertionError(Seeds.replay(one) + " -Ddivan.programs=1", e);
        }
      }
    }
  }

  /** Random fields from few values, so that things share them. */
  static Thing thing(Random random, int codes) {
    List<String> tags = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      tags.add("t" + random.nextInt(5));
    }
    return new Thing(
        random.nextInt(6) == 0 ? Optional.empty() : Optional.of("a\0b".repeat(random.nextInt(3))),
        random.nextInt(-40, 40),
        tags,
        random.nextInt(3) == 0 ? Optional.of("c" + random.nextInt(codes)) : Optional.empty());
  }

  static SequencedMap<String, Optional<Thing>> changes(Random random, int ids, int codes) {
    SequencedMap<String, Optional<Thing>> changes = new LinkedHashMap<>();
    for (int i = random.nextInt(4); i >= 0; i--) {
      changes.put(
          "\0" + random.nextInt(ids),
          random.nextInt(4) == 0 ? Optional.empty() : Optional.of(thing(random, codes)));
    }
    return changes;
  }

  private static final class Program {
    private final Store store;
    private final Random random;
    private final TestThings things;
    private final Map<String, Thing> model = new TreeMap<>();

    Program(Store store, Random random) {
      this.store = store;
      this.random = random;
      this.things = new TestThings(1 + random.nextInt(8));
    }

    void run() {
      for (int i = 0; i < STEPS; i++) {
        int kind = random.nextInt(100);
        if (kind < 60) {
          change();
        } else if (kind < 72) {
          Kind wanted = Kind.values()[random.nextInt(Kind.values().length)];
          if (all().stream().noneMatch(index -> Kind.of(index) == wanted)) {
            TestThings.create(store, wanted);
          }
        } else if (kind < 90) {
          pick(IndexState.BUILDING).ifPresent(this::build);
        } else if (kind < 93) {
          pick(IndexState.READABLE).ifPresent(this::drop);
        } else if (kind < 97) {
          pick(IndexState.DROPPING).ifPresent(this::clear);
        } else {
          Recount.compare(store);
        }
      }
      for (IndexHandle index : all()) {
        if (index.state() == IndexState.BUILDING
            && things.build(store, index) instanceof IndexBuild.Step.Failed) {
          failed(index);
        }
      }
      Recount.compare(store);
      for (IndexHandle index : all()) {
        if (index.readable()) {
          IndexScrub.Found found = things.scrub(store, index, random.nextBoolean());
          assertThat(found)
              .isEqualTo(new IndexScrub.Found(found.checked(), 0, 0, 0, 0, false));
        }
      }
      Recount.compare(store);
    }

    private List<IndexHandle> all() {
      return store.read(things::catalog).all();
    }

    private Optional<IndexHandle> pick(IndexState state) {
      List<IndexHandle> all = all().stream().filter(index -> index.state() == state).toList();
      return all.isEmpty()
          ? Optional.empty()
          : Optional.of(all.get(random.nextInt(all.size())));
    }

    private void change() {
      SequencedMap<String, Optional<Thing>> changes = changes(random, 12, 9);
      Map<String, Thing> after = new TreeMap<>(model);
      changes.forEach(
          (id, thing) -> thing.ifPresentOrElse(some -> after.put(id, some), () -> after.remove(
              id)));
      Optional<IndexState> unique =
          all().stream()
              .filter(index -> Kind.of(index) == Kind.UNIQUE_CODE)
              .map(IndexHandle::state)
              .findFirst();
      try {
        store.write(
            transaction -> {
              things.change(transaction, changes);
              return true;
            });
        model.clear();
        model.putAll(after);
        if (unique.equals(Optional.of(IndexState.READABLE))) {
          assertThat(hasTwins(model)).as("two things with one code").isFalse();
        }
      } catch (IndexException.NotUnique e) {
        assertThat(unique).get().isIn(IndexState.READABLE, IndexState.BUILDING);
        assertThat(hasTwins(after)).as("two things with one code").isTrue();
      }
    }

    private static boolean hasTwins(Map<String, Thing> things) {
      Set<String> codes = new HashSet<>();
      return things.values().stream()
          .anyMatch(thing -> thing.code().isPresent() && !codes.add(thing.code().get()));
    }

    private void build(IndexHandle index) {
      IndexBuild<Thing> build = new IndexBuild<>(store, TestThings.SPACE, index.number(), things);
      if (build.step() instanceof IndexBuild.Step.Failed) {
        failed(index);
      }
    }

    private void failed(IndexHandle index) {
      assertThat(Kind.of(index)).isEqualTo(Kind.UNIQUE_CODE);
      assertThat(hasTwins(model)).as("two things with one code").isTrue();
      drop(index);
    }

    private void drop(IndexHandle index) {
      store.write(
          transaction -> {
            IndexCatalog.drop(transaction, TestThings.SPACE, index.number());
            return true;
          });
    }

    private void clear(IndexHandle index) {
      IndexClear clear = new IndexClear(store, TestThings.SPACE, index.number());
      while (clear.step()) {
        if (random.nextInt(10) == 0) {
          return;
        }
      }
      assertThat(Recount.rows(store, index.number())).isEmpty();
      assertThat(all()).noneMatch(each -> each.number() == index.number());
    }
  }
}
