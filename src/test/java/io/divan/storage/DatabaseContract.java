package io.divan.storage;

import static io.divan.storage.Capabilities.estimatedBytes;
import static io.divan.storage.ContractFixture.bytes;
import static io.divan.storage.ContractFixture.get;
import static io.divan.storage.ContractFixture.put;
import static io.divan.storage.ContractFixture.result;
import static io.divan.storage.ContractFixture.rows;
import static io.divan.storage.ContractFixture.start;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Creation is atomic and happens once. Lists are ordered, and databases can be reopened. */
interface DatabaseContract extends ContractFixture {

  private static List<String> all(StorageAdapter adapter) {
    return adapter.list(NameRange.all());
  }

  private Store create(String name) {
    return adapter().create(name, t -> put(t, "name", name.replaceAll("[^a-z]", "?")));
  }

  @Test
  default void list_ranges_orderedByUtf8() {
    List<String> ascending =
        List.of("A", "_users", "a", "a/b", "aa", "db", "é", "\uFF5E", "😀");
    ascending.reversed().stream().filter(name -> !name.equals("db")).forEach(this::create);
    assertThat(all(adapter())).isEqualTo(ascending);
    assertThat(adapter().list(new NameRange("", Optional.empty(), true, 3)))
        .containsExactly("😀", "\uFF5E", "é");
    assertThat(adapter().list(new NameRange("a", Optional.of("db"), false, 100)))
        .containsExactly("a", "a/b", "aa");
    assertThat(adapter().list(new NameRange("a", Optional.of("db"), true, 2)))
        .containsExactly("aa", "a/b");
    assertThat(adapter().list(new NameRange("a0", Optional.empty(), false, 2)))
        .containsExactly("aa", "db");
    assertThat(adapter().list(new NameRange("b", Optional.of("c"), false, 1))).isEmpty();
    assertThat(adapter().list(new NameRange("c", Optional.of("a"), false, 1))).isEmpty();
    assertThat(adapter().list(new NameRange("c", Optional.of("a"), true, 1))).isEmpty();
  }

  @Test
  default void list_afterCreateAndDelete_current() {
    assertThat(all(adapter())).containsExactly("db");
    create("x");
    assertThat(all(adapter())).containsExactly("db", "x");
    adapter().delete("db");
    assertThat(all(adapter())).containsExactly("x");
    create("db");
    assertThat(all(adapter())).containsExactly("db", "x");
  }

  @Test
  default void open_anyName_separateDatabase() {
    List<String> names =
        List.of("A", "a", "a/b", "a%2Fb", "con", "é", "😀", "..", "x.y~z", "b".repeat(200));
    for (String name : names) {
      Store created = create(name);
      assertThat(created.name()).isEqualTo(name);
      put(created, "a=" + names.indexOf(name));
    }
    reopen();
    for (String name : names) {
      Store opened = adapter().open(name);
      assertThat(opened.name()).isEqualTo(name);
      assertThat(get(opened, "a")).hasValue(String.valueOf(names.indexOf(name)));
    }
    assertThat(all(adapter())).hasSize(names.size() + 1).containsAll(names);
  }

  @Test
  default void open_twice_sameData() {
    Store first = adapter().open("db");
    Store second = adapter().open("db");
    put(first, "a=1");
    put(second, "b=2");
    assertThat(rows(first)).containsExactly("a=1", "b=2");
    assertThat(rows(store())).containsExactly("a=1", "b=2");
  }

  @Test
  default void open_absent_notFound() {
    for (String name : List.of("absent", "DB", "d", "db/", "x".repeat(201), "/".repeat(1000))) {
      assertThatExceptionOfType(StorageException.DatabaseNotFound.class)
          .isThrownBy(() -> adapter().open(name));
      assertThatExceptionOfType(StorageException.DatabaseNotFound.class)
          .isThrownBy(() -> adapter().delete(name));
    }
    assertThat(all(adapter())).containsExactly("db");
  }

  @Test
  default void create_nameTooLong_refused() {
    for (String name : List.of("x".repeat(201), "/".repeat(67))) {
      assertThatExceptionOfType(StorageException.LimitExceeded.class)
          .isThrownBy(() -> create(name))
          .satisfies(e -> assertThat(e.limit()).isEqualTo(Limits.Limit.DATABASE_NAME));
    }
    assertThat(adapter().list(new NameRange("x".repeat(1000), Optional.empty(), false, 1)))
        .isEmpty();
    assertThat(all(adapter())).containsExactly("db");
  }

  @Test
  default void create_twice_refusedWithoutChanges() {
    put(store(), "a=1");
    assertThatExceptionOfType(StorageException.DatabaseExists.class)
        .isThrownBy(() -> create("db"));
    assertThat(rows(store())).containsExactly("a=1");
    assertThat(rows(reopen())).containsExactly("a=1");
  }

  @Test
  default void create_concurrently_oneSucceeds() {
    List<Future<Boolean>> creators = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      String number = String.valueOf(i);
      creators.add(
          start(
              () -> {
                try {
                  put(adapter().create("new", t -> put(t, "a", number)), "b=" + number);
                  return true;
                } catch (StorageException.DatabaseExists e) {
                  return false;
                }
              }));
    }
    List<Integer> winners = new ArrayList<>();
    for (int i = 0; i < creators.size(); i++) {
      if (result(creators.get(i))) {
        winners.add(i);
      }
    }
    assertThat(winners).hasSize(1);
    int winner = winners.getFirst();
    assertThat(rows(adapter().open("new"))).containsExactly("a=" + winner, "b=" + winner);
    assertThat(all(adapter())).containsExactly("db", "new");
  }

  @Test
  default void create_initialWorkThrows_leavesNoDatabase() {
    IllegalArgumentException reason = new IllegalArgumentException("of the work");
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(
            () -> adapter()
                .create(
                    "new",
                    t -> {
                      put(t, "a", "1");
                      throw reason;
                    }))
        .isSameAs(reason);
    assertThat(all(adapter())).containsExactly("db");
    assertThatExceptionOfType(StorageException.DatabaseNotFound.class)
        .isThrownBy(() -> adapter().open("new"));
    reopen();
    assertThat(all(adapter())).containsExactly("db");
    assertThat(rows(create("new"))).containsExactly("name=new");
  }

  @Test
  default void create_initialWork_runsAsTransaction() {
    Store created =
        adapter()
            .create(
                "new",
                t -> {
                  put(t, "a", "1");
                  t.add(ROWS, bytes("n"), 1);
                  assertThat(get(t, "a")).hasValue("1");
                  assertThat(rows(t.scan(Range.all(OTHERS)))).isEmpty();
                  t.putStampedValue(OTHERS, bytes("s"), bytes(""), t.stamp(), bytes(""));
                  t.delete(ROWS, bytes("n"));
                });
    assertThat(rows(created)).containsExactly("a=1");
    assertThat(rows(created, Range.all(OTHERS))).hasSize(1);
    Store empty = adapter().create("empty", t -> {});
    assertThat(rows(empty)).isEmpty();
  }

  @Test
  default void create_concurrentReader_neverSeesItWithoutInitialWork() {
    CountDownLatch looks = new CountDownLatch(10);
    Future<List<String>> looking =
        start(
            () -> {
              for (int tries = 0; tries < 1_000_000; tries++) {
                boolean listed = all(adapter()).contains("new");
                try {
                  return rows(adapter().open("new"));
                } catch (StorageException.DatabaseNotFound e) {
                  assertThat(listed).isFalse();
                  looks.countDown();
                }
              }
              return List.of();
            });
    adapter()
        .create(
            "new",
            t -> {
              for (int i = 10; i < 60; i++) {
                put(t, "row" + i, "1");
              }
              awaitShortly(looks);
            });
    assertThat(result(looking)).hasSize(50);
  }

  /** Waits briefly, because other threads may wait for this one. */
  private static void awaitShortly(CountDownLatch latch) {
    try {
      latch.await(200, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  default void capability_ofEveryStore_presentUnlessDeclaredLacking() {
    for (Store tested : List.of(store(), adapter().system(), rawAdapter().open("db"))) {
      for (Class<? extends Capability> type : List.of(Capability.Snapshots.class,
          Capability.RangeSizes.class)) {
        assertThat(tested.capability(type).isPresent())
            .as(type.getSimpleName())
            .isEqualTo(!lacks().contains(type));
      }
    }
  }

  @Test
  default void system_hiddenAndSeparate() {
    for (String name : List.of("system", "_system", "~system")) {
      create(name);
    }
    put(adapter().system(), "secret=1");
    reopen();
    assertThat(rows(adapter().system())).containsExactly("secret=1");
    assertThat(all(adapter())).containsExactly("_system", "db", "system", "~system");
    for (String name : all(adapter())) {
      assertThat(get(adapter().open(name), "secret")).isEmpty();
    }
    long bytes = estimatedBytes(adapter().system(), Range.all(ROWS));
    assertThat(bytes).isEqualTo(7);
  }

  @Test
  default void databases_sameKeys_separate() {
    Store other = create("other");
    put(store(), "a=1");
    put(other, "a=2");
    assertThat(rows(store())).containsExactly("a=1");
    adapter().delete("other");
    assertThat(rows(store())).containsExactly("a=1");
  }
}
