package io.divan.document;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ConcurrencyTest {

  private static final int THREADS = 64;
  private static final int ROUNDS = 12;

  private final Database database = TestDatabases.create();

  @AfterEach
  void check_afterEachTest_holds() {
    TestDatabases.check(database);
  }

  /** What each of the threads makes, all of them begun at once. */
  private static <T> List<T> together(IntFunction<T> work) throws Exception {
    CyclicBarrier start = new CyclicBarrier(THREADS);
    List<Callable<T>> tasks = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      int number = i;
      tasks.add(
          () -> {
            start.await(20, TimeUnit.SECONDS);
            return work.apply(number);
          });
    }
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      List<T> results = new ArrayList<>();
      for (Future<T> future : executor.invokeAll(tasks, 60, TimeUnit.SECONDS)) {
        results.add(future.get());
      }
      return results;
    }
  }

  @Test
  void update_manyOnOneDocument_oneWinsEachRevision() throws Exception {
    String revision = TestDatabases.saved(database, "{'_id':'a'}");
    for (int round = 0; round < ROUNDS; round++) {
      String base = revision;
      List<String> outcomes =
          together(
              i -> TestDatabases.update(
                  database, "{'_id':'a','_rev':'" + base + "','by':" + i + "}")
                  .getFirst());
      List<String> saved =
          outcomes.stream().filter(outcome -> !outcome.startsWith("conflict")).toList();
      assertThat(saved).hasSize(1);
      revision = saved.getFirst();
      assertThat(revision).startsWith(round + 2 + "-");
      assertThat(database.get("a", false, ReadOptions.NONE).revision()).isEqualTo(revision);
    }
    assertThat(database.info().docCount()).isEqualTo(1);
    assertThat(TestDatabases.get(database, "a", ReadOptions.conflicts(true)))
        .doesNotContain("_conflicts");
  }

  @Test
  void update_eachOnItsDocument_allSucceed() throws Exception {
    List<String> last =
        together(
            i -> {
              String revision = TestDatabases.saved(database, "{'_id':'d" + i + "'}");
              for (int round = 1; round < ROUNDS; round++) {
                boolean deletes = round == ROUNDS - 1 && i % 4 == 0;
                revision =
                    TestDatabases.saved(
                        database,
                        "{'_id':'d" + i + "','_rev':'" + revision + "','_deleted':" + deletes
                            + "}");
              }
              return revision;
            });
    assertThat(last).allMatch(revision -> revision.startsWith(ROUNDS + "-"));
    DatabaseInfo info = database.info();
    assertThat(info.docCount()).isEqualTo(48);
    assertThat(info.docDelCount()).isEqualTo(16);
    assertThat(info.sizeExternal()).isEqualTo(2 * THREADS);
  }

  @Test
  void update_batchesThatOverlap_eachIdCreatedOnce() throws Exception {
    List<List<String>> outcomes =
        together(
            i -> TestDatabases.update(
                database,
                IntStream.range(0, 20)
                    .mapToObj(n -> "{'_id':'d" + (i + n) % 30 + "','by':" + i + "}")
                    .toArray(String[]::new)));
    long created =
        outcomes.stream()
            .flatMap(List::stream)
            .filter(outcome -> !outcome.startsWith("conflict"))
            .count();
    assertThat(created).isEqualTo(30);
    assertThat(database.info().docCount()).isEqualTo(30);
  }

  @Test
  void replicate_manyInAnyOrder_oneTree() throws Exception {
    List<String> edits = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      edits.add("{'_id':'a','_revisions':{'start':2,'ids':['x" + i + "','r']},'v':" + i + "}");
      edits.add("{'_id':'a','_revisions':{'start':3,'ids':['y','x" + i / 2 + "','r']}}");
    }
    edits.removeIf(edit -> edit.contains("'y'") && !edit.contains("'x7'"));
    together(
        i -> {
          List<String> shuffled = new ArrayList<>(edits);
          Collections.shuffle(shuffled, new Random(i));
          for (String edit : shuffled.subList(0, 15)) {
            TestDatabases.replicate(database, edit);
          }
          return TestDatabases.replicate(database, shuffled.toArray(String[]::new));
        });
    Database alone = TestDatabases.create();
    TestDatabases.replicate(alone, edits.toArray(String[]::new));
    ReadOptions all = new ReadOptions(true, true, true, true, false);
    assertThat(TestDatabases.get(database, "a", all))
        .isEqualTo(TestDatabases.get(alone, "a", all));
  }
}
