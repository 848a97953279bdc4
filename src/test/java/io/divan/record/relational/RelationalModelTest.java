package io.divan.record.relational;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.record.index.Backend;
import io.divan.record.relational.ModelStatements.Statement;
import io.divan.storage.Seeds;
import io.divan.storage.StorageAdapter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Random tables, which change, and random transactions of two instances equal plain maps, on every
 * backend; with crashes within transactions, and with images of the files as a killed process
 * leaves them. {@code -Ddivan.programs=N} runs more programs, {@code -Ddivan.seed=N
 * -Ddivan.programs=1} the one that failed.
 */
@Timeout(3_600)
class RelationalModelTest {
  private static final int STEPS = 60;
  private static final int TABLES_MAX = 4;

  /** The backends whose files are all of their state. */
  private static final Set<Backend> FILES =
      Set.of(Backend.REDB, Backend.SQLITE, Backend.LEVELDB_ON_REDB);

  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource
  void tables_random_equalTheModel(Backend backend) {
    long seed = Seeds.seed(20_261_960);
    int programs = Integer.getInteger("divan.programs", backend == Backend.REFERENCE ? 6 : 1);
    int changes = 0;
    for (long one = seed; one < seed + programs; one++) {
      try {
        changes += new Program(backend, directory.resolve("p" + one), one).run();
      } catch (AssertionError | RuntimeException | IOException e) {
        throw new AssertionError(
            Seeds.replay(one) + " -Ddivan.programs=1 on " + backend, e);
      }
    }
    assertThat(changes).as("committed changes").isGreaterThan(programs);
  }

  /** A transaction ends, as by a crash before its commit. */
  private static final class Crash extends RuntimeException {}

  private static final class Program {
    private final Backend backend;
    private final Path root;
    private final Random random;
    private final ModelStatements statements;
    private ModelRows model = new ModelRows();
    private int images;
    private int tables;
    private int changes;
    private StorageAdapter adapter;
    private RelationalDatabase db;
    private RelationalDatabase other;

    Program(Backend backend, Path root, long seed) throws IOException {
      this.backend = backend;
      this.root = root;
      this.random = new Random(seed);
      this.statements = new ModelStatements(random, "");
      this.adapter = backend.open(Files.createDirectories(root.resolve("0")));
      adapter.create("db", transaction -> {});
      this.db = RelationalDatabase.open(adapter.open("db"), "test");
      this.other = RelationalDatabase.open(adapter.open("db"), "test");
    }

    /** Returns the number of transactions committed. */
    int run() throws IOException {
      try {
        for (int i = 0; i < STEPS; i++) {
          int kind = random.nextInt(100);
          if (kind < 75) {
            change();
          } else if (kind < 85) {
            any().maintain();
          } else if (kind < 88) {
            other = RelationalDatabase.open(adapter.open("db"), "test");
          } else if (kind < 90) {
            image();
          } else {
            compare();
          }
        }
        maintain();
        compare();
      } finally {
        adapter.close();
      }
      return changes;
    }

    private RelationalDatabase any() {
      return random.nextBoolean() ? db : other;
    }

    private void compare() {
      new ModelComparison(any(), model, statements, random).compare();
    }

    private void maintain() {
      ModelComparison.maintain(List.of(db, other), model);
    }

    private List<TableDefinition> definitions() {
      return model.tables.values().stream().map(ModelRows.ModelTable::definition).toList();
    }

    /** Returns the definitions after the first statement, if that changes any. */
    private List<TableDefinition> definitions(List<Statement> work) {
      ModelRows after = model.copy();
      if (!work.isEmpty() && random.nextBoolean()) {
        failure(() -> work.getFirst().run(after));
      }
      return after.tables.values().stream().map(ModelRows.ModelTable::definition).toList();
    }

    private static Optional<RuntimeException> failure(Runnable work) {
      try {
        work.run();
        return Optional.empty();
      } catch (RelationalException | ModelRows.Refused | Crash e) {
        return Optional.of(e);
      }
    }

    private void change() {
      List<Statement> work = new ArrayList<>();
      if (model.tables.isEmpty() || random.nextInt(5) == 0) {
        work.add(statements.define(definitions(), "t" + ++tables, TABLES_MAX));
      }
      for (int i = random.nextInt(4); i >= 0; i--) {
        List<TableDefinition> known = definitions(work);
        if (!known.isEmpty()) {
          work.add(statements.change(known.get(random.nextInt(known.size()))));
        }
      }
      boolean crash = random.nextInt(10) == 0;
      RelationalDatabase by = any();
      Optional<RuntimeException> failure =
          failure(
              () -> by.transaction(
                  tx -> {
                    work.forEach(each -> each.run(tx));
                    if (crash) {
                      throw new Crash();
                    }
                    return true;
                  }));
      if (failure.isPresent() && failure.get() instanceof Crash) {
        return;
      }
      ModelRows after = model.copy();
      Optional<RuntimeException> refused =
          failure(() -> work.forEach(each -> each.run(after)));
      if (failure.isPresent()) {
        assertThat(refused.isPresent() || after.collided)
            .as("%s failed: %s", work, failure.get())
            .isTrue();
      } else {
        assertThat(refused).as("%s", work).isEmpty();
        assertThat(after.tables.values()).as("%s", work).allMatch(ModelRows::isUnique);
        after.collided = false;
        model = after;
        changes++;
      }
    }

    /** Goes on with a copy of the files, as they are while all is open. */
    private void image() throws IOException {
      if (FILES.contains(backend)) {
        Path from = root.resolve("" + images);
        Path to = root.resolve("" + ++images);
        try (Stream<Path> files = Files.walk(from)) {
          files.forEach(file -> copy(file, to.resolve(from.relativize(file))));
        }
        adapter.close();
        adapter = backend.open(to);
      }
      db = RelationalDatabase.open(adapter.open("db"), "test");
      other = RelationalDatabase.open(adapter.open("db"), "test");
    }

    private static void copy(Path from, Path to) {
      try {
        Files.copy(from, to);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
