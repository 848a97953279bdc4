package io.divan.operations;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.document.Database;
import io.divan.document.Databases;
import io.divan.document.DocumentParser;
import io.divan.document.Principal;
import io.divan.operations.Commands.Outcome;
import io.divan.storage.StorageAdapter;
import io.divan.storage.Table;
import io.divan.storage.TransactionListener;
import io.divan.storage.checked.CheckedAdapter;
import io.divan.storage.redb.RedbAdapter;
import io.divan.storage.tuple.TupleWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommandLineTest {

  private static final Path GOLDEN = Path.of("src", "test", "resources", "commands", "inspect.txt");
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-01-01T00:00:00Z"), ZoneOffset.UTC);

  @TempDir Path directory;

  private Outcome run(String... arguments) {
    return Commands.run(directory, arguments);
  }

  private StorageAdapter storage() {
    RedbAdapter.Options usual = RedbAdapter.Options.of(directory);
    return new CheckedAdapter(
        new RedbAdapter(
            new RedbAdapter.Options(
                directory,
                usual.cacheBytes(),
                usual.writerThreads(),
                usual.openStoresMax(),
                usual.idleMax(),
                CLOCK),
            TransactionListener.NONE));
  }

  private void create(String name, String... documents) {
    try (StorageAdapter adapter = storage()) {
      Databases databases = new Databases(adapter, CLOCK);
      databases.create(name);
      Database database = databases.open(name, Principal.SERVER_ADMIN);
      DocumentParser parser = new DocumentParser();
      database.replicate(
          Stream.of(documents)
              .map(json -> json.replace('\'', '"').getBytes(StandardCharsets.UTF_8))
              .map(parser::parse)
              .toList());
    }
  }

  /** Increments a counter without changing the documents. */
  private void damage(String name) {
    try (StorageAdapter adapter = storage()) {
      byte[] key = new TupleWriter().add("doc_count").toBytes();
      adapter
          .open(name)
          .write(
              transaction -> {
                transaction.add(new Table(17, "stats"), key, 1);
                return true;
              });
    }
  }

  /** {@code -Ddivan.rewrite=true} writes the output to the golden file, for review. */
  @Test
  void inspect_everyTable_asRecorded() throws IOException {
    create(
        "places",
        "{'_id':'paris','_revisions':{'start':2,'ids':['b2','a1']},'country':'FR'}",
        "{'_id':'paris','_revisions':{'start':2,'ids':['c2','a1']},'country':'France'}",
        "{'_id':'atlantis','_rev':'1-gone','_deleted':true}",
        "{'_id':'_design/by-country','_rev':'1-dd','views':{}}",
        "{'_id':'_local/checkpoint','seq':7}");
    Outcome outcome = run("inspect", "places");
    assertThat(outcome.code()).isZero();
    assertThat(outcome.err()).isEmpty();
    String shown = outcome.out().replaceAll("[0-9a-f]{32}", "UUID");
    if (Boolean.getBoolean("divan.rewrite")) {
      Files.writeString(GOLDEN, shown);
    }
    assertThat(shown).isEqualTo(Files.readString(GOLDEN));
  }

  @Test
  void inspect_options_chooseRows() {
    create(
        "db",
        "{'_id':'a','_rev':'1-x'}",
        "{'_id':'b','_rev':'1-x'}",
        "{'_id':'c','_rev':'1-x'}");
    assertThat(run("inspect", "db", "--table=all_docs", "--start", "b", "--limit", "1"))
        .isEqualTo(new Outcome(0, "all_docs  (\"b\")  rev=1-x\n", ""));
    assertThat(run("inspect", "--raw", "--prefix=c", "--table=all_docs", "db"))
        .isEqualTo(new Outcome(0, "all_docs  0x026300  0x1501017800\n", ""));
  }

  @Test
  void inspect_noDatabase_names() {
    create("b/c");
    create("a");
    assertThat(run("inspect")).isEqualTo(new Outcome(0, "a\nb/c\n", ""));
  }

  @Test
  void inspect_system_serverUuid() {
    String uuid;
    try (StorageAdapter adapter = storage()) {
      uuid = new Databases(adapter, CLOCK).serverUuid();
    }
    assertThat(run("inspect", "--system"))
        .isEqualTo(new Outcome(0, "metadata  (\"uuid\")  (\"" + uuid + "\")\n", ""));
  }

  @ParameterizedTest
  @ValueSource(strings = {"inspect", "check"})
  void anyCommand_unknownDatabase_failsInOneSentence(String command) {
    assertThat(run(command, "nope"))
        .isEqualTo(new Outcome(1, "", command + ": Database does not exist: nope\n"));
  }

  @Test
  void check_soundDatabase_done() {
    create("db", "{'_id':'a','_rev':'1-x'}");
    assertThat(run("check", "db")).isEqualTo(new Outcome(0, "db: 3 rows, no problems\n", ""));
  }

  @Test
  void check_damagedDatabase_reportsProblem() {
    create("db", "{'_id':'a','_rev':'1-x'}");
    damage("db");
    assertThat(run("check", "db"))
        .isEqualTo(
            new Outcome(
                1,
                "db: the counters say doc_count=2, a recount says doc_count=1\n"
                    + "db: 3 rows, 1 problem\n",
                ""));
  }

  @Test
  void check_all_continuesAfterAProblem() {
    create("a");
    create("b");
    create("c");
    damage("b");
    try (StorageAdapter adapter = storage()) {
      adapter.create("a2", transaction -> {});
    }
    Outcome outcome = run("check", "--all");
    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.out().lines())
        .containsExactly(
            "a: 0 rows, no problems",
            "b: the counters say doc_count=1, a recount says doc_count=0",
            "b: 0 rows, 1 problem",
            "c: 0 rows, no problems");
    assertThat(outcome.err()).startsWith("a2: The database a2 has format 0, ");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
    "nope|Unknown command nope",
    "nope --help|Unknown command nope",
    "inspect --nope|Unknown option --nope",
    "inspect a b|Unexpected argument: b",
    "inspect a --system|Give either --system or a database",
    "inspect --raw|These options need a database or --system",
    "inspect --table docs|These options need a database or --system",
    "inspect a --table nope|There is no table nope; there are format,",
    "inspect a --limit 0|--limit must be a whole number from 1 to 999999999, not 0",
    "inspect a --start b|A start needs a table",
    "check|Give either a database or --all",
    "check a --all|Give either a database or --all",
    "copy|--from BACKEND is missing",
    "copy --from sqlite|--to BACKEND is missing",
    "copy --from sqlite --to memory|--to must be one of fdb, leveldb, redb, sqlite, not memory",
    "copy --from redb --to redb|--from and --to are the same backend",
    "copy db --from redb --to fdb|Write --database db to copy one database",
    "import|FILE is missing",
    "import a.redb|--database NAME is missing",
    "import a.redb --database B|Name: 'B'. Only lowercase characters",
    "check a --divan.storage.backend redb|Write --divan.storage.backend=VALUE"
  })
  void anyCommand_wrongUsage_refusedWithoutOpeningStorage(String arguments, String message)
      throws IOException {
    Outcome outcome = run(arguments.split(" "));
    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.out()).isEmpty();
    assertThat(outcome.err())
        .startsWith(message)
        .contains(arguments.startsWith("nope") ? "commands:" : arguments.split(" ")[0] + " ");
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void help_withAndWithoutACommand_printsUsage() {
    assertThat(run("--help"))
        .satisfies(outcome -> assertThat(outcome.code()).isZero())
        .satisfies(outcome -> assertThat(outcome.out()).contains("  inspect  ", "  check  "))
        .satisfies(outcome -> assertThat(outcome.err()).isEmpty());
    assertThat(run("check", "--help").out()).startsWith("check DATABASE ").contains("--all");
    assertThat(run("inspect", "-h").out()).startsWith("inspect  ").contains("--prefix");
  }

  @Test
  void anyCommand_refusedConfiguration_oneSentence() {
    assertThat(run("inspect", "--divan.storage.backend=tape"))
        .isEqualTo(
            new Outcome(
                1,
                "",
                "inspect: divan.storage.backend is \"tape\", which is unknown."
                    + " Set divan.storage.backend to one of: fdb, leveldb, memory, redb,"
                    + " sqlite.\n"));
  }

  @Test
  void anyCommand_directoryInUse_oneSentence() {
    try (StorageAdapter running = storage()) {
      running.checkHealth();
      Outcome outcome = run("check", "--all");
      assertThat(outcome.code()).isEqualTo(1);
      assertThat(outcome.out()).isEmpty();
      assertThat(outcome.err())
          .isEqualTo(
              "check: Another process uses " + directory
                  + ": stop it, or configure another directory\n");
    }
  }

  @Test
  void inspect_brokenPipe_endsAndFails() {
    create("db", "{'_id':'a','_rev':'1-x'}");
    int[] writes = {0};
    OutputStream closed =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            writes[0]++;
            throw new IOException("Broken pipe");
          }
        };
    int code =
        CommandLine.run(
            new PrintStream(closed, true, StandardCharsets.UTF_8),
            new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
            false,
            "inspect",
            "db",
            "--divan.storage.directory=" + directory);
    assertThat(code).isEqualTo(1);
    assertThat(writes[0]).isBetween(1, 10); // the lines of the first table only
  }

  @Test
  void isCommand_serviceArguments_false() {
    assertThat(CommandLine.isCommand()).isFalse();
    assertThat(CommandLine.isCommand("--server.port=1", "--debug", "-x")).isFalse();
    assertThat(CommandLine.isCommand("--server.port=1", "inspect")).isTrue();
    assertThat(CommandLine.isCommand("--help")).isTrue();
  }

  /** Tests a whole process: its exit code, and that Spring prints nothing to standard output. */
  @Test
  void process_commandsAndWrongUsage_exitCodesAndPlainOutput() throws Exception {
    create("db", "{'_id':'é','_rev':'1-x'}");
    assertThat(process("inspect", "db", "--table=all_docs", "--logging.level.root=info"))
        .isEqualTo(new Outcome(0, "all_docs  (\"é\")  rev=1-x\n", ""));
    damage("db");
    Outcome check = process("check", "db");
    assertThat(check.code()).isEqualTo(1);
    assertThat(check.out().lines()).hasSize(2);
    assertThat(process("check").code()).isEqualTo(2);
  }

  /** Runs a command in a separate process and discards its standard error. */
  private Outcome process(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add("io.divan.DivanApplication");
    command.addAll(List.of(arguments));
    command.add("--divan.storage.directory=" + directory);
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    try {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Outcome(process.exitValue(), out, "");
    } finally {
      process.destroyForcibly();
    }
  }
}
