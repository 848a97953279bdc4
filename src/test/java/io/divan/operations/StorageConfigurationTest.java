package io.divan.operations;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.document.Databases;
import io.divan.document.Principal;
import io.divan.storage.StorageAdapter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class StorageConfigurationTest {
  @TempDir Path directory;

  private ApplicationContextRunner runner(String... properties) {
    Supplier<SimpleMeterRegistry> meters = SimpleMeterRegistry::new;
    return new ApplicationContextRunner()
        .withBean(SimpleMeterRegistry.class, meters)
        .withUserConfiguration(StorageConfiguration.class)
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
                      directory + " holds databases of SQLite, and divan.storage.backend is not"
                          + " set.");
              assertThat(refusal.action())
                  .contains("divan.storage.backend to sqlite", "copy --from sqlite --to redb");
            });
    assertThat(directory).isDirectoryNotContaining("glob:**/*.redb");
    runner("divan.storage.backend=sqlite").run(context -> assertThat(context).hasNotFailed());
    assertThat(Commands.run(directory, "inspect").err())
        .contains("holds databases of SQLite")
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
            context ->
                assertThat(refusal(context.getStartupFailure()))
                    .hasMessageContaining("is not a cluster file"));
  }

  @Test
  void backend_unknown_isRefused() {
    isRefused(
        "divan.storage.backend is \"paper\", which is unknown.", "divan.storage.backend=paper");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "divan.storage.fdb.timeout=1ms", "divan.storage.fdb.retry-limit=-1",
        "divan.storage.fdb.watch-limit=100000", "divan.storage.fdb.directory="
      })
  void fdb_settingOutOfBounds_isRefused(String setting) {
    runner("divan.storage.backend=memory", setting)
        .run(
            context ->
                assertThat(context.getStartupFailure())
                    .rootCause()
                    .hasMessageContaining("divan.storage"));
  }

  @Test
  void fdb_allSettings_areBound() {
    runner(
            "divan.storage.backend=memory",
            "divan.storage.fdb.directory=company,divan",
            "divan.storage.fdb.timeout=3s",
            "divan.storage.fdb.retry-limit=7",
            "divan.storage.fdb.watch-limit=9",
            "divan.storage.fdb.trace-directory=/srv/trace",
            "divan.storage.fdb.tls-certificate-file=/srv/cert",
            "divan.storage.fdb.tls-key-file=/srv/key",
            "divan.storage.fdb.tls-ca-file=/srv/ca",
            "divan.storage.fdb.external-client-directory=/srv/clients",
            "divan.storage.fdb.knobs.max_reconnection_time=1")
        .run(
            context -> {
              StorageProperties.Fdb fdb = context.getBean(StorageProperties.class).fdb();
              assertThat(fdb.directory()).containsExactly("company", "divan");
              assertThat(fdb.timeout()).hasSeconds(3);
              assertThat(fdb.retryLimit()).isEqualTo(7);
              assertThat(fdb.watchLimit()).isEqualTo(9);
              assertThat(fdb.traceDirectory()).hasToString("/srv/trace");
              assertThat(fdb.tlsCertificateFile()).hasToString("/srv/cert");
              assertThat(fdb.tlsKeyFile()).hasToString("/srv/key");
              assertThat(fdb.tlsCaFile()).hasToString("/srv/ca");
              assertThat(fdb.externalClientDirectory()).hasToString("/srv/clients");
              assertThat(fdb.knobs()).containsEntry("max_reconnection_time", "1");
            });
  }
}
