package io.divan.document;

import static io.divan.document.TestDatabases.get;
import static io.divan.document.TestDatabases.input;
import static io.divan.document.TestDatabases.outcomes;
import static org.assertj.core.api.Assertions.assertThat;

import io.divan.document.maintenance.DatabaseCheck;
import io.divan.document.revision.Sequence;
import io.divan.storage.Seeds;
import io.divan.storage.Versionstamp;
import io.divan.storage.fdb.simulation.Faults.Fault;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The service on a cluster that never says whether it has committed. */
class FdbUnknownResultsTest {
  private static final int DOCUMENTS = 30;

  private final Map<String, String> revisions = new HashMap<>();
  private final Map<String, Versionstamp> commits = new HashMap<>();
  private int calls;

  /** Makes one edit each, in one call; keeps what was answered. */
  private void edit(Database database, List<String> documents) {
    List<DocumentInput> edits = documents.stream().map(text -> input(text)).toList();
    JournaledStore.Answer<List<UpdateResult>> answer =
        JournaledStore.call(calls++, () -> database.update(edits));
    assertThat(answer.stamps()).hasSize(1);
    for (UpdateResult result : answer.result()) {
      assertThat(result).isInstanceOf(UpdateResult.Saved.class);
      revisions.put(result.id(), ((UpdateResult.Saved) result).revision());
      commits.put(result.id(), answer.stamps().getFirst().at(0));
    }
  }

  private String next(String id, String members) {
    return "{'_id':'" + id + "','_rev':'" + revisions.get(id) + "'," + members + "}";
  }

  private void editAll(Database database) {
    List<String> ids = IntStream.range(0, DOCUMENTS).mapToObj(i -> "doc" + i).toList();
    ids.forEach(id -> edit(database, List.of("{'_id':'" + id + "','n':1}")));
    edit(database, IntStream.range(0, 20).mapToObj(i -> "{'_id':'bulk" + i + "'}").toList());
    for (String id : ids) {
      edit(database, List.of(next(id, "'n':2")));
      assertThat(outcomes(database.update(List.of(input("{'_id':'" + id + "'}")))))
          .as("what was told before").containsExactly("conflict: Document update conflict.");
    }
    edit(database, ids.subList(0, 10).stream().map(id -> next(id, "'_deleted':true")).toList());
    edit(database, List.of("{'_id':'_local/a','n':1}"));
    database.revsLimit(7);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.5, 0.9})
  void edits_allResultsUnknown_areThereOnce(double lost) {
    long seed = Seeds.seed(20_262_000);
    try (SimulatedService service = new SimulatedService(seed, 1, 10_000)) {
      Database database = service.database(0);
      service.faults().chance(Fault.UNKNOWN_NOT_COMMITTED, lost);
      service.faults().chance(Fault.UNKNOWN_COMMITTED, 1);
      service.clients().start("client", () -> editAll(database));
      service.clients().run();
      assertThat(service.faults().struck(Fault.UNKNOWN_COMMITTED)).isEqualTo(calls + 1);
      assertThat(service.faults().struck(Fault.UNKNOWN_NOT_COMMITTED) > 0).isEqualTo(lost > 0);
      service.faults().clear();

      assertThat(service.store(0).journal().stream().map(JournaledStore.Entry::call))
          .isEqualTo(IntStream.range(0, calls).boxed().toList());
      assertThat(database.revsLimit()).isEqualTo(7);
      DatabaseInfo info = database.info();
      assertThat(info.docCount()).isEqualTo(DOCUMENTS + 10);
      assertThat(info.docDelCount()).isEqualTo(10);
      assertThat(info.localCount()).isEqualTo(1);
      assertThat(DatabaseCheck.problems(database)).isEmpty();
      assertThat(get(database, "_local/a")).contains("\"_rev\":\"0-1\"");
      changes(database, info.updateSequence());
    }
  }

  /** Each document once, with the revision and at the place that its last edit was answered. */
  private void changes(Database database, Sequence last) {
    List<Changes.Change> changes =
        database
            .changes(new Changes.Query(false, false, false, false))
            .read(Sequence.ZERO, 1_000, false)
            .changes();
    Map<String, String> listed = new HashMap<>();
    List<Versionstamp> sequences = new ArrayList<>();
    for (Changes.Change change : changes) {
      String revision = change.revisions().getFirst().toString();
      assertThat(listed.put(change.id(), revision)).as(change.id() + ", before").isNull();
      assertThat(change.sequence().stamp().at(0)).isEqualTo(commits.get(change.id()));
      sequences.add(change.sequence().stamp());
    }
    revisions.remove("_local/a");
    assertThat(listed).isEqualTo(revisions);
    assertThat(sequences).isSorted().doesNotHaveDuplicates().endsWith(last.stamp());
  }
}
