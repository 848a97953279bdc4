package io.divan.document;

import static io.divan.document.TestDatabases.get;
import static io.divan.document.TestDatabases.saved;
import static io.divan.document.TestDatabases.update;
import static org.assertj.core.api.Assertions.assertThat;

import io.divan.storage.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Many writers on two instances, whose turns a seed gives. */
class FdbWritersTest {
  private static final int WRITERS = 64;
  private static final int ROUNDS = 4;

  static LongStream seeds() {
    long seed = Seeds.seed(20_264_000);
    return LongStream.range(seed, seed + 10);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void writers_eachOnItsDocument_neverConflict(long seed) {
    try (SimulatedService service = new SimulatedService(seed, 2, 0)) {
      for (int i = 0; i < 2; i++) {
        saved(service.database(i), "{'_id':'first" + i + "'}");
      }
      for (int i = 0; i < WRITERS; i++) {
        int writer = i;
        service.clients().start(
            "" + writer,
            () -> {
              String revision = saved(service.database(writer), "{'_id':'d" + writer + "'}");
              for (int round = 1; round < ROUNDS; round++) {
                revision =
                    saved(
                        service.database(writer),
                        "{'_id':'d" + writer + "','_rev':'" + revision + "','n':" + round + "}");
              }
            });
      }
      service.clients().run();
      assertThat(service.conflicts()).as(Seeds.replay(seed)).isZero();
      assertThat(service.database(0).info().docCount()).isEqualTo(WRITERS + 2);
      TestDatabases.check(service.database(1));
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void writers_allOnOneDocument_oneWinsEachRevision(long seed) {
    try (SimulatedService service = new SimulatedService(seed, 2, 1_000)) {
      List<List<String>> won = new ArrayList<>();
      String first = saved(service.database(0), "{'_id':'a'}");
      for (int i = 0; i < ROUNDS; i++) {
        won.add(new ArrayList<>());
      }
      for (int i = 0; i < WRITERS; i++) {
        int writer = i;
        service.clients().start("" + writer, () -> write(service, writer, first, won));
      }
      service.clients().run();
      for (int round = 0; round < ROUNDS; round++) {
        assertThat(won.get(round)).as("of round %s, %s", round, Seeds.replay(seed)).hasSize(1);
      }
      assertThat(service.conflicts()).as("attempts that met another").isPositive();
      assertThat(service.database(1).get("a", false, ReadOptions.NONE).revision())
          .isEqualTo(won.getLast().getFirst());
      assertThat(get(service.database(1), "a", ReadOptions.conflicts(true)))
          .doesNotContain("_conflicts");
      TestDatabases.check(service.database(1));
    }
  }

  /** Edits the document once in each round, upon the revision that won the one before. */
  private static void write(
      SimulatedService service, int writer, String first, List<List<String>> won) {
    String base = first;
    for (List<String> winners : won) {
      String edit = "{'_id':'a','_rev':'" + base + "','writer':" + writer + "}";
      String outcome = update(service.database(writer), edit).getFirst();
      if (outcome.startsWith("conflict")) {
        assertThat(outcome).isEqualTo("conflict: Document update conflict.");
      } else {
        winners.add(outcome);
      }
      while (winners.isEmpty()) {
        service.clients().turn(); // the winner has committed and is yet to be told
      }
      base = winners.getFirst();
    }
  }
}
