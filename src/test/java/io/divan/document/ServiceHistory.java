package io.divan.document;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.document.maintenance.DatabaseCheck;
import io.divan.storage.StorageException;
import io.divan.storage.Versionstamp;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * What clients have asked of a {@link SimulatedService}, and what they were told. The journal says
 * in which order their calls took effect; so the model of one client, fed in this order, must give
 * the same answers and end with the same database.
 *
 * <ol>
 *   <li>Every call that was answered is in the journal once, where the answer says. One that failed
 *       is there once or not at all: its client looks there, as it could not otherwise know.
 *   <li>{@link #known} is the model of what clients know to be committed. They choose by it what to
 *       edit next; by the time they do, others may have edited the same.
 * </ol>
 *
 * <p>Clients use it one at a time, as they run.
 */
final class ServiceHistory {

  /** A settled failure is looked up so often. */
  private static final int LOOKS_MAX = 10_000;

  private sealed interface Call {
    /** What became of each edit. */
    List<String> on(Database database);

    List<String> on(ModelDatabase model);
  }

  private record Edits(boolean replicated, List<ModelDatabase.Edit> edits) implements Call {
    @Override
    public List<String> on(Database database) {
      return TestDatabases.outcomes(DatabaseModelTest.apply(replicated, edits, database));
    }

    @Override
    public List<String> on(ModelDatabase model) {
      return replicated ? model.replicate(edits) : model.update(edits);
    }
  }

  private record Limit(int limit) implements Call {
    @Override
    public List<String> on(Database database) {
      database.revsLimit(limit);
      return List.of();
    }

    @Override
    public List<String> on(ModelDatabase model) {
      model.revsLimit(limit);
      return List.of();
    }
  }

  private final SimulatedService service;
  private final List<Call> calls = new ArrayList<>();
  private final Map<Integer, JournaledStore.Answer<List<String>>> answers = new HashMap<>();
  private final TreeMap<Versionstamp, Call> committed = new TreeMap<>();
  private ModelDatabase known = new ModelDatabase();
  private int failures;

  /** The calls that were refused for a missing stub, and so have no effect. */
  private final List<Integer> refused = new ArrayList<>();

  ServiceHistory(SimulatedService service) {
    this.service = service;
  }

  /** How many calls were made. */
  int calls() {
    return calls.size();
  }

  /** How many of them failed. */
  int failures() {
    return failures;
  }

  /** A client performs an operation. */
  void perform(int client, ModelProgram.Operation operation) {
    Call call =
        switch (operation) {
          case ModelProgram.RevsLimit limit -> new Limit(limit.limit());
          case ModelProgram.Batch batch ->
              new Edits(batch.replicated(), ModelProgram.resolve(batch, known));
          case ModelProgram.Compact _,ModelProgram.Purge _,ModelProgram.Copy _ ->
              throw new IllegalArgumentException("Programs of many clients have no " + operation);
        };
    int number = calls.size();
    calls.add(call);
    try {
      JournaledStore.Answer<List<String>> answer =
          JournaledStore.call(number, () -> call.on(service.database(client)));
      answers.put(number, answer);
      answer.stamps().forEach(stamp -> know(stamp, call));
    } catch (DocumentException.MissingStub e) {
      refused.add(number);
    } catch (StorageException.StoreUnavailable | StorageException.Conflict e) {
      failures++;
      for (JournaledStore.Entry entry : journal(service.store(client))) {
        if (entry.call() == number) {
          know(entry.stamp(), call);
        }
      }
    }
  }

  /** The journal, asked until it is answered. */
  private static List<JournaledStore.Entry> journal(JournaledStore store) {
    for (int look = 1;; look++) {
      try {
        return store.journal();
      } catch (StorageException e) {
        if (look == LOOKS_MAX) {
          throw e;
        }
      }
    }
  }

  /** Learns of a commit, mostly the newest; where it is not, the model begins again. */
  private void know(Versionstamp stamp, Call call) {
    boolean newest = committed.isEmpty() || committed.lastKey().compareTo(stamp) < 0;
    committed.put(stamp, call);
    if (newest) {
      call.on(known);
    } else {
      known = sameHistories();
      committed.values().forEach(one -> one.on(known));
    }
  }

  /** A model without documents, to which the same revisions were ever made. */
  private ModelDatabase sameHistories() {
    ModelDatabase model = new ModelDatabase();
    model.histories.putAll(known.histories);
    model.contents.putAll(known.contents);
    return model;
  }

  /** Compares all answers, and the whole database as either instance sees it, with the model. */
  void check(Random random) {
    ModelDatabase model = sameHistories();
    Map<Integer, Versionstamp> places = new HashMap<>();
    for (JournaledStore.Entry entry : service.store(0).journal()) {
      int number = entry.call();
      assertThat(places.put(number, entry.stamp())).as("call %s, before", number).isNull();
      List<String> outcomes = calls.get(number).on(model);
      JournaledStore.Answer<List<String>> answer = answers.get(number);
      if (answer != null) {
        assertThat(answer.result()).as("call %s: %s", number, calls.get(number))
            .isEqualTo(outcomes);
      }
    }
    answers.forEach(
        (number, answer) -> assertThat(answer.stamps()).as("call %s", number)
            .isEqualTo(List.of(places.get(number))));
    assertThat(places).doesNotContainKeys(refused.toArray(Integer[]::new));
    Database database = service.database(random.nextInt(2));
    new ModelComparison(database, model, random, true).compare();
    assertThat(DatabaseCheck.problems(database, true)).isEmpty();
  }
}
