package io.divan.operations;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.document.Database;
import io.divan.document.Databases;
import io.divan.document.Principal;
import io.divan.document.ReadOptions;
import io.divan.operations.Commands.Outcome;
import io.divan.redb.ColumnType;
import io.divan.redb.Redb;
import io.divan.redb.TableDefinition;
import io.divan.redb.WriteTxn;
import io.divan.storage.StorageAdapter;
import io.divan.storage.TransactionListener;
import io.divan.storage.checked.CheckedAdapter;
import io.divan.storage.redb.RedbAdapter;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImportCommandTest {
  private static final BigInteger FACTOR = new BigInteger("9E3779B97F4A7C15", 16);

  @TempDir Path directory;
  @TempDir Path files;

  private Outcome run(String... arguments) {
    String[] all = new String[arguments.length + 1];
    System.arraycopy(arguments, 0, all, 0, arguments.length);
    all[arguments.length] = "--divan.storage.backend=redb";
    return Commands.run(directory, all);
  }

  private Path sample(String name) throws IOException {
    Path file = files.resolve(name + ".redb");
    try (InputStream in =
        new GZIPInputStream(
            Files.newInputStream(
                Path.of("src", "test", "resources", "redb", name + ".redb.gz")))) {
      Files.copy(in, file);
    }
    return file;
  }

  /** The files were written by redb; src/test/resources/redb describes their content. */
  @ParameterizedTest
  @CsvSource({"small, 54, 1, 6", "clean, 1717, 40, 283", "unclean, 1717, 40, 283"})
  void import_fileOfRedb_everyDocumentOnce(
      String name, int documents, int locals, int idle) throws IOException {
    Path file = sample(name);
    byte[] before = Files.readAllBytes(file);
    Outcome outcome = run("import", file.toString(), "--database", "db");

    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.code()).isZero();
    String rest =
        "db: " + idle + " changes are not the last change of any document\n";
    assertThat(outcome.out())
        .isEqualTo(
            "db: " + documents + " documents read, " + documents + " revisions and " + locals
                + " local documents added\n" + rest);
    assertThat(Files.readAllBytes(file)).isEqualTo(before);
    assertThat(run("import", file.toString(), "--database", "db").out())
        .isEqualTo(
            "db: " + documents + " documents read, 0 revisions and 0 local documents added\n"
                + rest);
    assertThat(run("check", "db").code()).isZero();
    checkDocuments(documents, locals);
  }

  private void checkDocuments(int documents, int locals) {
    try (StorageAdapter adapter = redb()) {
      Database database =
          new Databases(adapter, Clock.systemUTC()).open("db", Principal.SERVER_ADMIN);
      assertThat(database.info().docCount()).isEqualTo(documents);
      assertThat(database.info().localCount()).isEqualTo(locals);
      for (int i : new int[] {1, 7, 49, 60}) {
        String id = String.format("doc-%06d", i);
        String hash =
            String.format("%032x", FACTOR.multiply(BigInteger.valueOf(i)));
        assertThat(new String(
            database.get(id, false, ReadOptions.NONE).json(), StandardCharsets.UTF_8))
            .isEqualTo(
                "{\"_id\":\"" + id + "\",\"_rev\":\"1-" + hash + "\",\"n\":" + i
                    + ",\"text\":\"" + "x".repeat(i) + "\"}");
      }
      assertThat(new String(
          database.get("_local/cp-50", false, ReadOptions.NONE).json(),
          StandardCharsets.UTF_8))
          .isEqualTo("{\"_id\":\"_local/cp-50\",\"_rev\":\"0-1\",\"n\":1}");
    }
  }

  @Test
  void import_intoADatabaseWithAnIndex_keepsIt() throws Exception {
    IndexedDatabase.create(redb(), "db", "n");
    assertThat(run("import", sample("small").toString(), "--database", "db").code()).isZero();
    assertThat(run("check", "db").out()).endsWith("no problems\n");
    assertThat(IndexedDatabase.rows(redb(), "db")).isEqualTo(54);
  }

  private StorageAdapter redb() {
    return new CheckedAdapter(
        new RedbAdapter(RedbAdapter.Options.of(directory), TransactionListener.NONE));
  }

  @Test
  void import_missingBody_reportedAndFails() {
    Path file = files.resolve("a.redb");
    try (Redb redb = Redb.open(file, Redb.Options.defaults());
        WriteTxn transaction = redb.beginWrite()) {
      var docs = transaction.open(texts("docs"));
      docs.put("a", bytes("{\"revs\":[{\"pos\":1,\"hash\":\"aa\"}],\"seq\":1}"));
      transaction.open(texts("rev_data"));
      transaction.open(texts("local_docs")).put("x", bytes("{\"n\":1}"));
      transaction.open(
          new TableDefinition<>("changes", ColumnType.U64, ColumnType.BYTES));
      transaction.commit();
    }
    assertThat(run("import", file.toString(), "--database", "db"))
        .isEqualTo(
            new Outcome(
                1,
                "db: a: the body of 1-aa is missing\n"
                    + "db: 1 documents read, 0 revisions and 1 local documents added\n",
                ""));
  }

  private static TableDefinition<String, byte[]> texts(String name) {
    return new TableDefinition<>(name, ColumnType.STRING, ColumnType.BYTES);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void import_notARouchFile_failsAndCreatesNothing() throws IOException {
    Path missing = files.resolve("missing.redb");
    assertThat(run("import", missing.toString(), "--database", "db"))
        .isEqualTo(new Outcome(1, "", "import: " + missing + " cannot be read\n"));
    Path other = files.resolve("other.redb");
    try (Redb redb = Redb.open(other, Redb.Options.defaults())) {
      redb.checkIntegrity();
    }
    assertThat(run("import", other.toString(), "--database", "db"))
        .isEqualTo(new Outcome(1, "", "import: " + other + " is not a RouchDB database\n"));
    assertThat(directory).isEmptyDirectory();
    Path noise = Files.write(files.resolve("noise.redb"), new byte[10_000]);
    Outcome outcome = run("import", noise.toString(), "--database", "db");
    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.err()).startsWith("import: " + noise + ": ").hasLineCount(1);
  }
}
