package io.divan.record.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.record.index.TestThings.Kind;
import io.divan.record.index.TestThings.Thing;
import io.divan.storage.ReadTransaction;
import io.divan.storage.ReferenceAdapter;
import io.divan.storage.Store;
import io.divan.storage.checked.CheckedAdapter;
import io.divan.storage.lease.Lease;
import io.divan.storage.lease.Leases;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class IndexBuildTest {
  private final Store store =
      new CheckedAdapter(new ReferenceAdapter()).create("db", transaction -> {});
  private final TestThings things = new TestThings(2);

  private void put(String id, String code) {
    SequencedMap<String, Optional<Thing>> changes = new LinkedHashMap<>();
    changes.put(
        id, Optional.of(new Thing(Optional.of("Oslo"), 7, List.of("t"), Optional.of(code))));
    store.write(
        transaction -> {
          things.change(transaction, changes);
          return true;
        });
  }

  private IndexBuild<Thing> build(IndexHandle index) {
    return new IndexBuild<>(store, TestThings.SPACE, index.number(), things);
  }

  private IndexHandle now(IndexHandle index) {
    return store
        .read(transaction -> IndexCatalog.load(transaction, TestThings.SPACE))
        .find(index.number())
        .orElseThrow();
  }

  @Test
  void build_stoppedBetweenBatches_isContinuedByAnother() {
    for (int i = 0; i < 5; i++) {
      put("" + i, "c" + i);
    }
    IndexHandle index = TestThings.create(store, Kind.COUNT);
    assertThat(index.maintained()).isTrue();
    assertThat(index.readable()).isFalse();
    assertThat(build(index).step())
        .isInstanceOfSatisfying(
            IndexBuild.Step.More.class,
            more -> assertThat(more.progress().done()).isEqualTo(2));
    put("0", "again");
    put("3", "again too");
    assertThat(now(index).progress())
        .hasValueSatisfying(
            progress -> assertThat(progress.position()).isEqualTo(TestThings.primaryKey("1")));
    assertThat(things.build(store, index)).isEqualTo(new IndexBuild.Step.Done());
    assertThat(now(index).progress()).isEmpty();
    assertThat(Recount.compare(store)).isEqualTo(1);
    assertThat(build(index).step()).isEqualTo(new IndexBuild.Step.Done());
  }

  @Test
  void build_ofTwoThingsWithOneKey_disablesTheIndex() {
    put("a", "x");
    put("b", "x");
    put("c", "y");
    IndexHandle index = TestThings.create(store, Kind.UNIQUE_CODE);
    IndexBuild.Step.Failed failed =
        new IndexBuild.Step.Failed("Two things have the same key in the unique index");
    assertThat(things.build(store, index)).isEqualTo(failed);
    assertThat(now(index).state()).isEqualTo(IndexState.DISABLED);
    assertThat(now(index).problem()).contains(failed.problem());
    put("d", "x"); // it is not maintained any more
    assertThat(build(index).step()).isEqualTo(failed);
  }

  @Test
  void build_refusedBySource_disablesTheIndex() {
    put("a", "x");
    IndexHandle index = TestThings.create(store, Kind.COUNT);
    IndexBuild<Thing> build =
        new IndexBuild<>(
            store,
            TestThings.SPACE,
            index.number(),
            contributing(
                () -> {
                  throw new IndexException.NotIndexable("Thing a has 1,001 tags");
                }));
    assertThat(build.step()).isEqualTo(new IndexBuild.Step.Failed("Thing a has 1,001 tags"));
    assertThat(now(index).state()).isEqualTo(IndexState.DISABLED);
  }

  @Test
  void build_ofTooManyBytes_makesSmallerBatches() {
    TestThings all = new TestThings(1_000);
    for (int i = 0; i < 20; i++) {
      put("" + i, "c" + i);
    }
    IndexHandle index = TestThings.create(store, Kind.COVERING);
    int[] count = {0};
    IndexBuild<Thing> build =
        new IndexBuild<>(
            store,
            TestThings.SPACE,
            index.number(),
            new Other(
                all,
                () -> {
                  List<Contribution> large = new ArrayList<>();
                  for (int i = 0; i < 20; i++) {
                    large.add(
                        new Contribution.Row(
                            TestThings.primaryKey("row " + count[0]++), new byte[99_000]));
                  }
                  return large;
                }));
    IndexBuild.Step step = build.step();
    while (step instanceof IndexBuild.Step.More) {
      step = build.step();
    }
    assertThat(step).isEqualTo(new IndexBuild.Step.Done());
  }

  @Test
  void build_ofOneTooLargeThing_disablesTheIndex() {
    put("a", "x");
    IndexHandle index = TestThings.create(store, Kind.COVERING);
    IndexBuild<Thing> build =
        new IndexBuild<>(
            store,
            TestThings.SPACE,
            index.number(),
            contributing(() -> List.of(new Contribution.Row(new byte[9_000], new byte[0]))));
    IndexBuild.Step step = build.step();
    while (step instanceof IndexBuild.Step.More) {
      step = build.step();
    }
    assertThat(step)
        .isInstanceOfSatisfying(
            IndexBuild.Step.Failed.class,
            failed -> assertThat(failed.problem())
                .startsWith("One thing has a row in the index that is too large: A key is"));
  }

  @Test
  void drop_whileBuilding_endsTheBuildAndClears() {
    for (int i = 0; i < 5; i++) {
      put("" + i, "c" + i);
    }
    IndexHandle index = TestThings.create(store, Kind.TAGS);
    IndexBuild<Thing> build = build(index);
    build.step();
    IndexClear early = new IndexClear(store, TestThings.SPACE, index.number());
    assertThatThrownBy(early::step).isInstanceOf(IllegalStateException.class);
    store.write(
        transaction -> {
          IndexCatalog.drop(transaction, TestThings.SPACE, index.number());
          return true;
        });
    assertThat(build.step()).isEqualTo(new IndexBuild.Step.Failed("The index has been dropped"));
    assertThat(store.read(things::catalog).find(Kind.TAGS.signature())).isEmpty();
    put("6", "c6");
    assertThat(Recount.rows(store, index.number())).hasSize(2);
    IndexClear clear = new IndexClear(store, TestThings.SPACE, index.number());
    assertThat(clear.step()).isTrue();
    while (clear.step()) {
      assertThat(now(index).state()).isEqualTo(IndexState.DROPPING);
    }
    assertThat(Recount.rows(store, index.number())).isEmpty();
    IndexHandle next = TestThings.create(store, Kind.TAGS);
    assertThat(next.number()).isEqualTo(index.number() + 1);
  }

  @Test
  void createReadable_needsNoBuild() {
    store.write(
        transaction -> IndexCatalog.createReadable(
            transaction, TestThings.SPACE, Kind.CITY_AND_AGE_DOWN.signature()));
    put("a", "x");
    assertThat(Recount.compare(store)).isEqualTo(1);
  }

  @Test
  void lease_isOfOneBuild() {
    IndexHandle one = TestThings.create(store, Kind.COUNT);
    IndexHandle other = TestThings.create(store, Kind.TAGS);
    try (Leases mine = new Leases(Leases.Options.shared("mine"));
        Leases yours = new Leases(Leases.Options.shared("yours"));
        Lease held = IndexBuild.lease(mine, store, TestThings.SPACE, one.number());
        Lease second = IndexBuild.lease(yours, store, TestThings.SPACE, one.number());
        Lease third = IndexBuild.lease(yours, store, TestThings.SPACE, other.number())) {
      assertThat(held.tryAcquire()).isTrue();
      assertThat(second.tryAcquire()).isFalse();
      assertThat(third.tryAcquire()).isTrue();
    }
  }

  private IndexSource<Thing> contributing(Supplier<List<Contribution>> what) {
    return new Other(things, what);
  }

  /** A source of the same things that contribute something else. */
  private record Other(
      TestThings things, Supplier<List<Contribution>> contributions)
      implements IndexSource<Thing> {
    @Override
    public Slice<Thing> after(
        ReadTransaction transaction, byte[] position, int rowsMax, int bytesMax) {
      return things.after(transaction, position, rowsMax, bytesMax);
    }

    @Override
    public Optional<Thing> get(ReadTransaction transaction, byte[] primaryKey) {
      return things.get(transaction, primaryKey);
    }

    @Override
    public List<Contribution> contributions(IndexHandle index, byte[] primaryKey, Thing thing) {
      return contributions.get();
    }

    @Override
    public Optional<byte[]> owner(IndexHandle index, byte[] key) {
      return Optional.empty();
    }
  }
}
