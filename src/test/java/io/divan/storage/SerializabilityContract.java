package io.divan.storage;

import static io.divan.storage.Capabilities.openSnapshot;
import static io.divan.storage.ContractFixture.result;
import static io.divan.storage.ContractFixture.start;
import static org.assertj.core.api.Assertions.assertThat;

import io.divan.storage.checked.CheckedAdapter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/**
 * Random concurrent transactions are strictly serializable. Replayed on the reference adapter in
 * the order of their versionstamps, each returns the same results. A transaction that ended before
 * another one began precedes it in this order.
 */
interface SerializabilityContract extends ContractFixture {

  /** A successful transaction: its steps, their results, and its times by a shared counter. */
  record Event(
      long began,
      long ended,
      List<Step> steps,
      List<String> results,
      Optional<Versionstamp> versionstamp) {}

  /** Rolls back a transaction. */
  final class Rollback extends RuntimeException {}

  @Test
  default void transactions_concurrent_strictlySerializable() {
    long seed = Seeds.seed(20_265);
    AtomicLong clock = new AtomicLong();
    List<Future<List<Event>>> threads = new ArrayList<>();
    for (int thread = 0; thread < 6; thread++) {
      Random random = new Random(seed * 31 + thread);
      boolean readsOnly = thread >= 4;
      threads.add(start(() -> runTransactions(random, clock, readsOnly)));
    }
    List<Event> events = new ArrayList<>();
    threads.forEach(thread -> events.addAll(result(thread)));
    try {
      new History(events).check(store());
    } catch (AssertionError e) {
      throw new AssertionError(Seeds.replay(seed) + ": " + e.getMessage(), e);
    }
  }

  private List<Event> runTransactions(Random random, AtomicLong clock, boolean readsOnly) {
    RandomSteps source = new RandomSteps(random, false);
    List<Event> events = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      List<Step> steps = readsOnly ? source.reads() : source.writes();
      boolean rollsBack = random.nextInt(10) == 0;
      long began = clock.incrementAndGet();
      try {
        Written<List<String>> written =
            readsOnly ? new Written<>(read(steps), Optional.empty()) : write(steps, rollsBack);
        events.add(
            new Event(
                began, clock.incrementAndGet(), steps, written.result(), written.versionstamp()));
      } catch (Rollback | StorageException.Conflict e) {
        assertThat(readsOnly).as("reads do not conflict").isFalse();
      }
    }
    return events;
  }

  private List<String> read(List<Step> steps) {
    return store()
        .read(
            t -> {
              List<String> results = new ArrayList<>();
              for (Step step : steps) {
                results.addAll(Step.readAll(List.of(step), t, Versionstamp::toString));
                Thread.yield();
              }
              return results;
            });
  }

  private Written<List<String>> write(List<Step> steps, boolean rollsBack) {
    return store()
        .write(
            t -> {
              List<String> results = new ArrayList<>();
              for (Step step : steps) {
                results.addAll(Step.runAll(List.of(step), t, Versionstamp::toString));
                Thread.yield();
              }
              if (rollsBack) {
                throw new Rollback();
              }
              return results;
            });
  }

  /** The recorded transactions and their replay. */
  final class History {
    private final List<Event> writers;
    private final List<Event> readers;
    private final Store model =
        new CheckedAdapter(new ReferenceAdapter()).create("model", t -> {});

    /** The initial state of the model, and its state after each writer. */
    private final List<Snapshot> states = new ArrayList<>();

    private final Map<Versionstamp, Versionstamp> stampsOfModel = new HashMap<>();
    private final Map<String, String> configs = new HashMap<>();

    History(List<Event> events) {
      writers =
          events.stream()
              .filter(event -> event.versionstamp().isPresent())
              .sorted(Comparator.comparing(event -> event.versionstamp().orElseThrow()))
              .toList();
      readers = events.stream().filter(event -> event.versionstamp().isEmpty()).toList();
    }

    void check(Store store) {
      assertThat(writers).extracting(Event::versionstamp).doesNotHaveDuplicates();
      assertThat(writers.size()).isGreaterThan(100);
      assertThat(readers.size()).isGreaterThan(50);
      states.add(openSnapshot(model));
      writers.forEach(this::replay);
      checkOrderOfTime();
      readers.forEach(this::checkReader);
      List<Step> all =
          List.of(
              new Step.Scan(new Step.Span(ROWS, 0, -1, false, Range.NO_LIMIT)),
              new Step.Scan(new Step.Span(OTHERS, 0, -1, false, Range.NO_LIMIT)),
              new Step.Scan(new Step.Span(Step.FEED, 0, -1, false, Range.NO_LIMIT)));
      List<String> end = store.read(t -> Step.readAll(all, t, Versionstamp::toString));
      assertThat(end)
          .as("the end")
          .isEqualTo(Step.readAll(all, states.getLast(), this::actual));
    }

    /** Returns the adapter's stamp for a stamp of the model. */
    private String actual(Versionstamp ofModel) {
      return stampsOfModel.get(ofModel.at(0)).at(ofModel.position()).toString();
    }

    private void replay(Event writer) {
      Written<List<String>> replayed =
          model.write(t -> Step.runAll(writer.steps(), t, this::actual));
      stampsOfModel.put(
          replayed.versionstamp().orElseThrow(), writer.versionstamp().orElseThrow());
      assertThat(agree(writer.results(), replayed.result(), true))
          .as("%s in its order: %s", writer, replayed.result())
          .isTrue();
      states.add(openSnapshot(model));
    }

    /**
     * Returns whether the results are equal. Config versions differ between adapters; each one of
     * the adapter must always correspond to the same one of the model.
     */
    private boolean agree(List<String> actual, List<String> expected, boolean learn) {
      for (int i = 0; i < actual.size(); i++) {
        String answer = actual.get(i);
        String known = answer;
        if (answer.startsWith(Step.Config.PREFIX)) {
          known = configs.getOrDefault(answer, expected.get(i));
          if (learn) {
            configs.put(answer, known);
          }
        }
        if (!known.equals(expected.get(i))) {
          return false;
        }
      }
      return true;
    }

    private void checkOrderOfTime() {
      long latestBegin = 0;
      for (Event writer : writers) {
        assertThat(writer.ended()).as("%s ended before an earlier began", writer)
            .isGreaterThan(latestBegin);
        latestBegin = Math.max(latestBegin, writer.began());
      }
    }

    /** Checks that a single state between its beginning and its end explains all its results. */
    private void checkReader(Event reader) {
      int first = 0;
      int last = writers.size();
      for (int i = 0; i < writers.size(); i++) {
        if (writers.get(i).ended() < reader.began()) {
          first = i + 1;
        }
        if (writers.get(i).began() > reader.ended()) {
          last = Math.min(last, i);
        }
      }
      for (int state = first; state <= last; state++) {
        List<String> results = Step.readAll(reader.steps(), states.get(state), this::actual);
        if (agree(reader.results(), results, false)) {
          return;
        }
      }
      throw new AssertionError(
          "No state from " + first + " to " + last + " explains the results of " + reader);
    }
  }
}
