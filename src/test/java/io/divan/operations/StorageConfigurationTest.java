package io.divan.operations;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.document.Databases;
import io.divan.document.Principal;
import io.divan.storage.ReferenceAdapter;
import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageBackend;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class StorageConfigurationTest {
  @TempDir Path directory;

  private ApplicationContextRunner runner(String... properties) {
    return new ApplicationContextRunner()
        .withUserConfiguration(CommandConfiguration.class)
        .withPropertyValues("divan.storage.directory=" + directory)
        .withPropertyValues(properties);
  }

  private static StartRefused refusal(Throwable failure) {
    Throwable cause = failure;
    while (!(cause instanceof StartRefused) && cause.getCause() != null) {
      cause = cause.getCause();
    }
    assertThat(cause).isInstanceOf(StartRefused.class);
    return (StartRefused) cause;
  }

  private void keepsADatabase(String... properties) {
    runner(properties)
        .run(
            context -> {
              Databases databases = context.getBean(Databases.class);
              databases.create("db");
              assertThat(databases.open("db", Principal.SERVER_ADMIN).info().docCount()).isZero();
              context.getBean(StorageAdapter.class).checkHealth();
            });
  }

  private void isRefused(String message, String... properties) {
    runner(properties)
        .run(context -> assertThat(refusal(context.getStartupFailure())).hasMessage(message));
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void memory_keepsDatabases() {
    keepsADatabase("divan.storage.backend=memory");
  }

  @Test
  void redb_keepsDatabasesInFiles() {
    for (int i = 0; i < 2; i++) {
      boolean first = i == 0;
      runner("divan.storage.backend=redb", "divan.storage.redb.cache-size=1MB")
          .run(
              context -> {
                Databases databases = context.getBean(Databases.class);
                if (first) {
                  databases.create("db");
                }
                assertThat(databases.open("db", Principal.SERVER_ADMIN).info().docCount()).isZero();
              });
    }
    assertThat(directory).isDirectoryContaining("glob:**/db~*.redb");
  }

  @ParameterizedTest
  @ValueSource(strings = {"redb", "memory"})
  void leveldb_over_keepsDatabasesInItsBase(String over) {
    keepsADatabase("divan.storage.backend=leveldb", "divan.storage.leveldb.over=" + over);
    if (over.equals("redb")) {
      assertThat(directory.resolve("leveldb")).isDirectoryContaining("glob:**/db~*.redb");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"redb", "memory", "file"})
  void leveldb_lsmOver_keepsItsFilesThere(String over) {
    keepsADatabase(
        "divan.storage.backend=leveldb",
        "divan.storage.leveldb.engine=lsm",
        "divan.storage.leveldb.over=" + over);
    if (over.equals("file")) {
      assertThat(directory.resolve("leveldb/lsm")).isDirectoryContaining("glob:**/db~*");
    }
  }

  @Test
  void leveldb_combinationUnknown_isRefusedInOneSentence() {
    isRefused(
        "divan.storage.leveldb.over is \"file\", which the engine api cannot be put over.",
        "divan.storage.backend=leveldb",
        "divan.storage.leveldb.over=file");
    isRefused(
        "divan.storage.leveldb.engine is \"btree\", which is unknown.",
        "divan.storage.backend=leveldb",
        "divan.storage.leveldb.engine=btree");
  }

  @ParameterizedTest
  @ValueSource(strings = {"redb", "memory"})
  void sqlitePages_over_keepsDatabasesInItsBase(String over) {
    keepsADatabase(
        "divan.storage.backend=sqlite",
        "divan.storage.sqlite.engine=pages",
        "divan.storage.sqlite.over=" + over);
    if (over.equals("redb")) {
      assertThat(directory.resolve("sqlite-pages"))
          .isDirectoryContaining("glob:**/db~*.redb");
    }
  }

  @Test
  void sqlite_combinationUnknown_isRefusedInOneSentence() {
    isRefused(
        "divan.storage.sqlite.over is \"file\", which the engine pages cannot be put over.",
        "divan.storage.backend=sqlite",
        "divan.storage.sqlite.engine=pages",
        "divan.storage.sqlite.over=file");
    isRefused(
        "divan.storage.sqlite.engine is \"wal\", which is unknown.",
        "divan.storage.backend=sqlite",
        "divan.storage.sqlite.engine=wal");
  }

  @Test
  void backend_notSet_isRedb() {
    runner().run(context -> context.getBean(Databases.class).create("db"));
    assertThat(directory).isDirectoryContaining("glob:**/db~*.redb");
  }

  @Test
  void backend_notSetOverSqliteFilesAlone_isRefusedUntilItIsSetOrTheyAreCopied() {
    runner("divan.storage.backend=sqlite")
        .run(context -> context.getBean(Databases.class).create("db"));
    runner()
        .run(
            context -> {
              StartRefused refusal = refusal(context.getStartupFailure());
              assertThat(refusal)
                  .hasMessage(
                      directory + " contains SQLite databases, and divan.storage.backend is not"
                          + " set.");
              assertThat(refusal.action())
                  .contains("divan.storage.backend to sqlite", "copy --from sqlite --to redb");
            });
    assertThat(directory).isDirectoryNotContaining("glob:**/*.redb");
    runner("divan.storage.backend=sqlite").run(context -> assertThat(context).hasNotFailed());
    assertThat(Commands.run(directory, "inspect").err())
        .contains("contains SQLite databases")
        .hasLineCount(1);

    assertThat(Commands.run(directory, "copy", "--from", "sqlite", "--to", "redb").code())
        .isZero();
    runner()
        .run(
            context -> {
              Databases databases = context.getBean(Databases.class);
              assertThat(databases.open("db", Principal.SERVER_ADMIN).info().docCount())
                  .isZero();
            });
  }

  @Test
  void redb_cacheTooSmall_isRefusedInOneSentence() {
    isRefused(
        "divan.storage.redb.cache-size is 1000B, which is too small.",
        "divan.storage.backend=redb",
        "divan.storage.redb.cache-size=1000B");
  }

  @Test
  void fdb_withoutClusterFile_isRefusedInOneSentence() {
    Path missing = directory.resolve("fdb.cluster");
    runner("divan.storage.backend=fdb", "divan.storage.fdb.cluster-file=" + missing)
        .run(
            context -> {
              StartRefused refused = refusal(context.getStartupFailure());
              assertThat(refused).hasMessage("The cluster file " + missing + " cannot be read.");
              assertThat(refused.action()).startsWith("Set divan.storage.fdb.cluster-file");
            });
  }

  @Test
  void fdb_wrongClusterFile_isRefusedInOneSentence() throws Exception {
    Path file = Files.writeString(directory.resolve("fdb.cluster"), "nonsense");
    runner("divan.storage.backend=fdb", "divan.storage.fdb.cluster-file=" + file)
        .run(
            context -> assertThat(refusal(context.getStartupFailure()))
                .hasMessageContaining("is not a cluster file"));
  }

  @Test
  void backend_unknown_isRefusedWithTheNamesOfAll() {
    isRefused(
        "divan.storage.backend is \"paper\", which is unknown.", "divan.storage.backend=paper");
    runner("divan.storage.backend=paper")
        .run(
            context -> assertThat(refusal(context.getStartupFailure()).action())
                .isEqualTo(
                    "Set divan.storage.backend to one of: fdb, leveldb, memory, redb,"
                        + " sqlite."));
  }

  /** A backend from another jar; its stores offer no capability. */
  private record Added(String name) implements StorageBackend {
    @Override
    public StorageAdapter open(Context context) {
      return new IncapableAdapter(new ReferenceAdapter());
    }
  }

  @Test
  void backend_added_isOpenedByItsName() {
    runner("divan.storage.backend=paper")
        .withBean(Added.class, "paper")
        .run(
            context -> {
              Databases databases = context.getBean(Databases.class);
              databases.create("db");
              assertThat(databases.open("db", Principal.SERVER_ADMIN).info().docCount()).isZero();
            });
  }

  @Test
  void backend_addedTwice_isRefused() {
    runner()
        .withBean(Added.class, "redb")
        .run(
            context -> assertThat(refusal(context.getStartupFailure()))
                .hasMessageStartingWith("Two storage backends are called redb: "));
  }

  @Test
  void layer_overABackendThatLacksACapability_isRefused() {
    runner("divan.storage.backend=leveldb", "divan.storage.leveldb.over=paper")
        .withBean(Added.class, "paper")
        .run(
            context -> {
              StartRefused refused = refusal(context.getStartupFailure());
              assertThat(refused)
                  .hasMessage(
                      "The backend paper lacks the capability Snapshots, which the engine api"
                          + " needs.");
              assertThat(refused.action())
                  .isEqualTo("Set divan.storage.leveldb.over to another backend.");
            });
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "divan.storage.fdb.timeout=1ms", "divan.storage.fdb.retry-limit=-1",
    "divan.storage.fdb.watch-limit=100000", "divan.storage.fdb.directory="
  })
  void fdb_settingOutOfBounds_isRefused(String setting) {
    runner("divan.storage.backend=memory", setting)
        .run(
            context -> assertThat(context.getStartupFailure())
                .rootCause()
                .hasMessageContaining("divan.storage"));
  }
}
