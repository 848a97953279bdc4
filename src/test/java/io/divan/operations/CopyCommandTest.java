package io.divan.operations;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.document.Databases;
import io.divan.document.DocumentParser;
import io.divan.document.Principal;
import io.divan.operations.Commands.Outcome;
import io.divan.storage.StorageAdapter;
import io.divan.storage.TransactionListener;
import io.divan.storage.checked.CheckedAdapter;
import io.divan.storage.redb.RedbAdapter;
import io.divan.storage.sqlite.SqliteFileAdapter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CopyCommandTest {
  @TempDir Path directory;

  private Outcome run(String... arguments) {
    return Commands.run(directory, arguments);
  }

  private StorageAdapter sqlite() {
    return new CheckedAdapter(
        new SqliteFileAdapter(
            SqliteFileAdapter.Options.of(directory), TransactionListener.NONE));
  }

  private StorageAdapter redb() {
    return new CheckedAdapter(
        new RedbAdapter(RedbAdapter.Options.of(directory), TransactionListener.NONE));
  }

  private static <T> T in(StorageAdapter storage, Function<Databases, T> work) {
    try (storage) {
      return work.apply(new Databases(storage, Clock.systemUTC()));
    }
  }

  private void create(String name, int documents) {
    in(
        sqlite(),
        databases -> {
          databases.create(name);
          DocumentParser parser = new DocumentParser();
          return databases
              .open(name, Principal.SERVER_ADMIN)
              .update(
                  Stream.iterate(0, i -> i < documents, i -> i + 1)
                      .map(i -> "{\"_id\":\"doc" + i + "\"}")
                      .map(json -> parser.parse(json.getBytes(StandardCharsets.UTF_8)))
                      .toList());
        });
  }

  private List<String> files(String ending) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(ending))
          .sorted()
          .toList();
    }
  }

  @Test
  void copy_all_thereAndBack() throws IOException {
    create("a", 3);
    create("b/c", 0);
    String uuid = in(sqlite(), Databases::serverUuid);
    String rows = run("inspect", "a", "--raw", "--divan.storage.backend=sqlite").out();
    Outcome outcome = run("copy", "--from", "sqlite", "--to", "redb");

    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.code()).isZero();
    assertThat(outcome.out().lines())
        .hasSize(2)
        .anyMatch(line -> line.matches("a: 21 rows, \\d+ bytes"))
        .anyMatch(line -> line.matches("b/c: 5 rows, \\d+ bytes"));
    assertThat(run("check", "--all", "--divan.storage.backend=redb").code()).isZero();
    assertThat(run("inspect", "a", "--raw", "--divan.storage.backend=redb").out())
        .isEqualTo(rows);
    assertThat(in(redb(), Databases::serverUuid)).isEqualTo(uuid);

    in(
        sqlite(),
        databases -> {
          databases.delete("a");
          return databases;
        });
    assertThat(run("copy", "--from=redb", "--to=sqlite", "--database=a").code()).isZero();
    assertThat(run("inspect", "a", "--raw", "--divan.storage.backend=sqlite").out())
        .isEqualTo(rows);
    assertThat(files(".new")).isEmpty();
  }

  @Test
  void copy_withAnIndex_copiesItsRows() throws InterruptedException {
    IndexedDatabase.create(sqlite(), "a", "n", "{'_id':'d1','n':1}", "{'_id':'d2'}");
    assertThat(run("copy", "--from", "sqlite", "--to", "redb").code()).isZero();
    assertThat(run("check", "--all", "--divan.storage.backend=redb").out())
        .endsWith("no problems\n");
    assertThat(IndexedDatabase.rows(redb(), "a")).isEqualTo(1);
  }

  @Test
  void copy_leveldb_thereAndBack() {
    create("a", 3);
    String rows = run("inspect", "a", "--raw", "--divan.storage.backend=sqlite").out();
    assertThat(run("copy", "--from", "sqlite", "--to", "leveldb"))
        .extracting(Outcome::code, Outcome::err)
        .containsExactly(0, "");
    assertThat(run("check", "--all", "--divan.storage.backend=leveldb").code()).isZero();
    assertThat(run("inspect", "a", "--raw", "--divan.storage.backend=leveldb").out())
        .isEqualTo(rows);
    assertThat(run("copy", "--from", "leveldb", "--to", "redb").code()).isZero();
    assertThat(run("inspect", "a", "--raw", "--divan.storage.backend=redb").out())
        .isEqualTo(rows);
  }

  @Test
  void copy_existingTarget_refusedAndOthersCopied() {
    create("a", 1);
    create("b", 1);
    assertThat(run("copy", "--from", "sqlite", "--to", "redb", "--database", "a").code())
        .isZero();
    Outcome again = run("copy", "--from", "sqlite", "--to", "redb", "--database", "a");
    assertThat(again).isEqualTo(new Outcome(1, "", "copy: Database exists: a\n"));

    Outcome all = run("copy", "--from", "sqlite", "--to", "redb");
    assertThat(all.code()).isEqualTo(1);
    assertThat(all.err()).isEqualTo("a: Database exists: a\n");
    assertThat(all.out()).startsWith("b: ");
  }

  @Test
  void copy_noSuchDatabase_failsInOneSentence() throws IOException {
    assertThat(run("copy", "--from", "sqlite", "--to", "redb", "--database", "nope"))
        .isEqualTo(new Outcome(1, "", "copy: Database does not exist: nope\n"));
    assertThat(files(".redb")).containsExactly("system.redb");
  }

  @Test
  void copy_directoryInUse_failsInOneSentence() {
    try (StorageAdapter running = sqlite()) {
      running.checkHealth();
      assertThat(run("copy", "--from", "sqlite", "--to", "redb"))
          .isEqualTo(
              new Outcome(
                  1,
                  "",
                  "copy: Another process uses " + directory
                      + ": stop it, or configure another directory\n"));
    }
  }
}
