package io.divan.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;

import io.divan.document.attachment.ContentReceiver;
import io.divan.document.maintenance.DatabaseCheck;
import io.divan.document.maintenance.TestCompaction;
import io.divan.document.revision.Revision;
import io.divan.storage.Seeds;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Random programs on a database and on a plain model of one. {@code -Ddivan.programs=N} runs more
 * of them, {@code -Ddivan.seed=N -Ddivan.programs=1} the one that failed.
 */
class DatabaseModelTest {

  private static final int SHRINK_RUNS_MAX = 2_000;

  @Test
  void programs_random_answerAsTheModel() {
    long seed = Seeds.seed(20_260_200);
    int programs = Integer.getInteger("divan.programs", 150);
    for (int i = 0; i < programs; i++) {
      long programSeed = seed + i;
      List<ModelProgram.Operation> program = ModelProgram.random(new Random(programSeed));
      Optional<Throwable> failure = run(program, programSeed);
      if (failure.isPresent()) {
        List<ModelProgram.Operation> small = shrink(program, programSeed);
        StringBuilder message = new StringBuilder(Seeds.replay(programSeed));
        message.append(" -Ddivan.programs=1\n");
        small.forEach(operation -> message.append("  ").append(operation).append('\n'));
        Throwable cause = run(small, programSeed).orElse(failure.get());
        fail(message.toString().replace("\0", "\\0"), cause);
      }
    }
  }

  private static Optional<Throwable> run(List<ModelProgram.Operation> program, long seed) {
    Database database = TestDatabases.create();
    ModelDatabase model = new ModelDatabase();
    try {
      for (ModelProgram.Operation operation : program) {
        apply(operation, database, model);
      }
      new ModelComparison(database, model, new Random(seed)).compare();
      assertThat(DatabaseCheck.problems(database, true)).isEmpty();
      assertThat(TestAttachments.rows(database.store()).getLast()).as("deadlines").isZero();
      return Optional.empty();
    } catch (AssertionError | RuntimeException e) {
      return Optional.of(e);
    }
  }

  static void apply(
      ModelProgram.Operation operation, Database database, ModelDatabase model) {
    switch (operation) {
      case ModelProgram.RevsLimit limit -> {
        database.revsLimit(limit.limit());
        model.revsLimit(limit.limit());
      }
      case ModelProgram.Compact compact -> {
        TestCompaction.compact(database);
        model.compact();
      }
      case ModelProgram.Purge purge -> {
        Map<String, List<Revision>> revisions = ModelProgram.resolve(purge, model);
        Map<String, List<Revision>> purged = new LinkedHashMap<>();
        database
            .purges()
            .purge(revisions)
            .forEach((id, some) -> purged.put(id, List.copyOf(some)));
        assertThat(purged).as("purged").isEqualTo(model.purge(revisions));
      }
      case ModelProgram.Batch batch -> {
        List<ModelDatabase.Edit> edits = ModelProgram.resolve(batch, model);
        List<UpdateResult> results = apply(batch.replicated(), edits, database);
        List<String> expected =
            batch.replicated() ? model.replicate(edits) : model.update(edits);
        assertThat(TestDatabases.outcomes(results)).as("outcomes").isEqualTo(expected);
        assertThat(results.stream().map(UpdateResult::id))
            .isEqualTo(edits.stream().map(ModelDatabase.Edit::id).toList());
      }
    }
  }

  /** Sends edits with their contents. */
  static List<UpdateResult> apply(
      boolean replicated, List<ModelDatabase.Edit> edits, Database database) {
    try (ContentReceiver receiver = TestAttachments.receiver(database)) {
      List<DocumentInput> inputs = edits.stream().map(edit -> edit.input(receiver)).toList();
      return replicated ? database.replicate(inputs) : database.update(inputs);
    }
  }

  /** Takes out what can be missing while the program still fails. */
  private static List<ModelProgram.Operation> shrink(
      List<ModelProgram.Operation> program, long seed) {
    List<ModelProgram.Operation> small = program;
    int runs = 0;
    boolean shrunk = true;
    while (shrunk && runs < SHRINK_RUNS_MAX) {
      shrunk = false;
      for (List<ModelProgram.Operation> candidate : smaller(small)) {
        runs++;
        if (run(candidate, seed).isPresent()) {
          small = candidate;
          shrunk = true;
          break;
        }
      }
    }
    return small;
  }

  private static List<List<ModelProgram.Operation>> smaller(
      List<ModelProgram.Operation> program) {
    List<List<ModelProgram.Operation>> candidates = new ArrayList<>();
    for (int i = program.size() - 1; i >= 0; i--) {
      List<ModelProgram.Operation> fewer = new ArrayList<>(program);
      fewer.remove(i);
      candidates.add(fewer);
    }
    for (int i = 0; i < program.size(); i++) {
      for (ModelProgram.Operation operation : ModelProgram.smaller(program.get(i))) {
        List<ModelProgram.Operation> less = new ArrayList<>(program);
        less.set(i, operation);
        candidates.add(less);
      }
    }
    return candidates;
  }
}
