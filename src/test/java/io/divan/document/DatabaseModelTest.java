package io.divan.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.junit.jupiter.api.Assertions.fail;

import io.divan.document.attachment.ContentReceiver;
import io.divan.document.maintenance.DatabaseCheck;
import io.divan.document.maintenance.TestCompaction;
import io.divan.document.revision.Revision;
import io.divan.storage.ReferenceAdapter;
import io.divan.storage.Seeds;
import io.divan.storage.StorageAdapter;
import io.divan.storage.TransactionListener;
import io.divan.storage.checked.CheckedAdapter;
import io.divan.storage.fdb.TestCluster;
import io.divan.storage.fdb.simulation.SimulatedFoundationDb;
import io.divan.storage.lease.Leases;
import io.divan.storage.leveldb.ApiEngine;
import io.divan.storage.leveldb.LevelDbAdapter;
import io.divan.storage.leveldb.LevelDbEngine;
import io.divan.storage.leveldb.lsm.LsmEngine;
import io.divan.storage.redb.RedbAdapter;
import io.divan.storage.sqlite.SqliteFileAdapter;
import io.divan.storage.sqlite.SqlitePagesAdapter;
import io.divan.storage.sqlite.pages.PageOptions;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Random programs on a database of each backend and on a plain model of one. {@code
 * -Ddivan.programs=N} runs more of them, {@code -Ddivan.seed=N -Ddivan.programs=1} the one that
 * failed, {@code -Ddivan.programs.backend=REDB} those of one backend.
 */
class DatabaseModelTest {

  private static final int SHRINK_RUNS_MAX = 2_000;

  private static final AtomicInteger DATABASES = new AtomicInteger();

  /** Where the databases are. */
  enum Backend {
    REFERENCE(150) {
      @Override
      StorageAdapter open(Path directory) {
        return new ReferenceAdapter();
      }
    },
    MEMORY(10) {
      @Override
      StorageAdapter open(Path directory) {
        return TestCluster.adapter(new SimulatedFoundationDb());
      }
    },
    REDB(10) {
      @Override
      StorageAdapter open(Path directory) {
        return redb(directory);
      }
    },
    SQLITE(10) {
      @Override
      StorageAdapter open(Path directory) {
        return new SqliteFileAdapter(
            SqliteFileAdapter.Options.of(directory), TransactionListener.NONE);
      }
    },
    SQLITE_PAGES(5) {
      @Override
      StorageAdapter open(Path directory) {
        PageOptions pages =
            PageOptions.defaults()
                .leases(Leases.Options.exclusive("test"), Duration.ofSeconds(1));
        return new SqlitePagesAdapter(
            redb(directory), SqlitePagesAdapter.Options.of(pages), TransactionListener.NONE);
      }
    },
    LEVELDB(10) {
      @Override
      StorageAdapter open(Path directory) {
        return levelDb(TestCluster.adapter(new SimulatedFoundationDb()), ApiEngine.exclusive());
      }
    },
    LEVELDB_LSM(10) {
      @Override
      StorageAdapter open(Path directory) {
        return levelDb(
            redb(directory.resolve("base")), LsmEngine.inDirectories(directory.resolve("lsm")));
      }
    };

    /** How many programs the build runs. */
    final int programs;

    Backend(int programs) {
      this.programs = programs;
    }

    abstract StorageAdapter open(Path directory);

    private static StorageAdapter redb(Path directory) {
      return new RedbAdapter(RedbAdapter.Options.of(directory), TransactionListener.NONE);
    }

    private static StorageAdapter levelDb(StorageAdapter base, LevelDbEngine engine) {
      return new LevelDbAdapter(
          base, engine, LevelDbAdapter.Options.defaults(), TransactionListener.NONE);
    }
  }

  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource
  void programs_random_answerAsTheModel(Backend backend) {
    String only = System.getProperty("divan.programs.backend", backend.name());
    assumeThat(only).isEqualTo(backend.name());
    try (StorageAdapter adapter = new CheckedAdapter(backend.open(directory))) {
      runAll(
          Integer.getInteger("divan.programs", backend.programs),
          new Databases(adapter, Clock.systemUTC()));
    }
  }

  private static void runAll(int programs, Databases databases) {
    long seed = Seeds.seed(20_260_200);
    for (int i = 0; i < programs; i++) {
      long programSeed = seed + i;
      List<ModelProgram.Operation> program = ModelProgram.random(new Random(programSeed));
      Optional<Throwable> failure = run(program, programSeed, databases);
      if (failure.isPresent()) {
        List<ModelProgram.Operation> small = shrink(program, programSeed, databases);
        StringBuilder message = new StringBuilder(Seeds.replay(programSeed));
        message.append(" -Ddivan.programs=1\n");
        small.forEach(operation -> message.append("  ").append(operation).append('\n'));
        Throwable cause = run(small, programSeed, databases).orElse(failure.get());
        fail(message.toString().replace("\0", "\\0"), cause);
      }
    }
  }

  private static Optional<Throwable> run(
      List<ModelProgram.Operation> program, long seed, Databases databases) {
    String name = "db" + DATABASES.incrementAndGet();
    databases.create(name);
    Database database = databases.open(name);
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
    } finally {
      databases.delete(name);
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
        List<String> expected =
            batch.replicated() ? model.replicate(edits) : model.update(edits);
        List<String> outcomes;
        try {
          List<UpdateResult> results = apply(batch.replicated(), edits, database);
          outcomes = TestDatabases.outcomes(results);
          assertThat(results.stream().map(UpdateResult::id))
              .isEqualTo(edits.stream().map(ModelDatabase.Edit::id).toList());
        } catch (DocumentException.MissingStub e) {
          outcomes = List.of(e.error() + ": " + e.reason());
        }
        assertThat(outcomes).as("outcomes").isEqualTo(expected);
      }
      case ModelProgram.Copy copy -> {
        Optional<Revision> from = ModelProgram.resolveSource(copy, model);
        Optional<Revision> base = ModelProgram.resolveTarget(copy, model);
        assertThat(copy(database, copy, from, base))
            .as("copy")
            .isEqualTo(model.copy(copy.from(), from, copy.to(), base));
      }
    }
  }

  private static List<String> copy(
      Database database,
      ModelProgram.Copy copy,
      Optional<Revision> from,
      Optional<Revision> base) {
    try {
      DocumentInput input = database.copyOf(copy.from(), from).withId(copy.to());
      return TestDatabases.outcomes(
          database.update(List.of(base.map(input::withRevision).orElse(input))));
    } catch (DocumentException.NotFound e) {
      return List.of(e.error() + ": " + e.reason());
    }
  }

  /** Sends edits with their contents. */
  static List<UpdateResult> apply(
      boolean replicated, List<ModelDatabase.Edit> edits, Database database) {
    try (ContentReceiver receiver = ModelAttachments.receiver(database)) {
      List<DocumentInput> inputs = edits.stream().map(edit -> edit.input(receiver)).toList();
      return replicated ? database.replicate(inputs) : database.update(inputs);
    }
  }

  /** Takes out what can be missing while the program still fails. */
  private static List<ModelProgram.Operation> shrink(
      List<ModelProgram.Operation> program, long seed, Databases databases) {
    List<ModelProgram.Operation> small = program;
    int runs = 0;
    boolean shrunk = true;
    while (shrunk && runs < SHRINK_RUNS_MAX) {
      shrunk = false;
      for (List<ModelProgram.Operation> candidate : smaller(small)) {
        runs++;
        if (run(candidate, seed, databases).isPresent()) {
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
