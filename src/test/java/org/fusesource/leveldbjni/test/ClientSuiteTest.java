package org.fusesource.leveldbjni.test;

import static org.assertj.core.api.Assertions.assertThatIOException;

import io.divan.storage.StorageAdapter;
import io.divan.storage.checked.CheckedAdapter;
import io.divan.storage.fdb.TestCluster;
import io.divan.storage.fdb.simulation.SimulatedFoundationDb;
import io.divan.storage.lease.Leases;
import io.divan.storage.leveldb.LevelDbFactory;
import io.divan.storage.leveldb.LevelDbOptions;
import io.divan.storage.leveldb.lsm.LsmLevelDb;
import java.io.File;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.iq80.leveldb.DB;
import org.iq80.leveldb.DBFactory;
import org.iq80.leveldb.Options;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Runs the released tests of leveldbjni, the Java client of native LevelDB, on both engines. {@code
 * -Ddivan.client=all} adds a test with a million rows.
 */
@ParameterizedClass
@EnumSource
@Timeout(300)
class ClientSuiteTest {

  /** Puts a million rows and reads each at once. */
  private static final String LONG = "testIssue26";

  /** Checks the native engine's statistics only. */
  private static final String NATIVE_ONLY = "testCompactRanges";

  /** Comparators that do not sort by bytes: databases directly on a store reject them. */
  private static final Set<String> COMPARATORS =
      Set.of("testCustomComparator1", "testCustomComparator2");

  enum Engine {
    API,
    LSM,
    LSM_IN_DIRECTORIES
  }

  /** One of the tests, with the factory to test. */
  private static final class Case extends DBTest {

    Case(String name, DBFactory tested) {
      setName(name);
      factory = tested;
    }

    /** Returns the same path without creating a directory. */
    @Override
    File getTestDirectory(String name) throws IOException {
      File path = new File("test-data", name);
      factory.destroy(path, new Options());
      return path;
    }
  }

  /** A factory whose directories are within another directory. */
  private record Within(Path parent, DBFactory factory) implements DBFactory {

    private File path(File given) throws IOException {
      Path path = parent.resolve(given.toPath());
      Files.createDirectories(path.getParent());
      return path.toFile();
    }

    @Override
    public DB open(File path, Options options) throws IOException {
      return factory.open(path(path), options);
    }

    @Override
    public void destroy(File path, Options options) throws IOException {
      factory.destroy(path(path), options);
    }

    @Override
    public void repair(File path, Options options) throws IOException {
      factory.repair(path(path), options);
    }
  }

  @Parameter Engine engine;

  @TempDir Path directory;

  private final StorageAdapter memory =
      new CheckedAdapter(TestCluster.adapter(new SimulatedFoundationDb()));
  private final LsmLevelDb lsm =
      new LsmLevelDb(Leases.Options.exclusive("here"), LsmLevelDb.Settings.defaults());

  @AfterEach
  void close() {
    lsm.close();
    memory.close();
  }

  private DBFactory factory() {
    return switch (engine) {
      case API -> new LevelDbFactory(memory, LevelDbOptions.defaults());
      case LSM -> lsm.factory(memory.create("d", transaction -> {}));
      case LSM_IN_DIRECTORIES -> new Within(directory, LsmLevelDb.factory());
    };
  }

  static List<String> cases() {
    boolean all = System.getProperty("divan.client", "").equals("all");
    return Arrays.stream(DBTest.class.getMethods())
        .map(Method::getName)
        .filter(name -> name.startsWith("test") && !name.equals(NATIVE_ONLY))
        .filter(name -> all || !name.equals(LONG))
        .sorted()
        .toList();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void client_onEngine_passesOrIsRejected(String name) throws Throwable {
    Case test = new Case(name, factory());
    if (engine == Engine.API && COMPARATORS.contains(name)) {
      assertThatIOException()
          .isThrownBy(test::runBare)
          .withMessageContaining("does not sort keys as unsigned bytes");
    } else {
      test.runBare();
    }
  }
}
