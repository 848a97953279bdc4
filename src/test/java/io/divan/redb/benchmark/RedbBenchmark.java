package io.divan.redb.benchmark;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Compares {@code io.divan.redb} with H2's MVStore and SQLite. The stores take turns in each phase,
 * with the same rows, the same cache size and the same durability of commits. Run by hand, not by
 * the build. From a clone:
 *
 * <pre>{@code
 * ./mvnw -q test-compile org.codehaus.mojo:exec-maven-plugin:3.6.2:exec \
 *     -Dexec.executable=java -Dexec.classpathScope=test -Dexec.args="-Xmx4g \
 *     --enable-native-access=ALL-UNNAMED -cp %classpath \
 *     io.divan.redb.benchmark.RedbBenchmark --rows 1000000"
 * }</pre>
 *
 * <p>Phases ({@code --phases}, separated by commas):
 *
 * <ul>
 *   <li>{@code lone}: one writer, one row per commit, for 3 seconds
 *   <li>{@code grouped}: 32 writers, one row each, through {@link GroupCommit}, for 5 seconds
 *   <li>{@code natural}: the same without that helper; see {@link Candidate.Store#putFromMany}
 *   <li>{@code random}, {@code ordered}: all rows in one commit, in random order and in key order;
 *       then the file length after closing
 *   <li>{@code batches}: random order, commits of 10,000 rows; only on request
 *   <li>{@code reads}: reopens the files of {@code random} and {@code ordered} for each: 1,000,000
 *       random gets by one thread and by two, two full scans by one reader, 10,000 scans of 1,000
 *       rows from random starts
 * </ul>
 *
 * <p>{@link Options} lists the other options. A commit counts when it is durable. Next to each rate
 * is the CPU time of the whole process per operation, including garbage collection and compilation;
 * other load on the machine affects it less. The system measures it in steps of 10 ms. It includes
 * the generation of keys and values. Progress goes to standard error; the result table, in
 * Markdown, goes to standard output. MVStore keeps a commit in memory and writes it as a chunk of
 * at most 2 GB: a million rows need a heap of 4 GB, and two million exceed the limit.
 */
final class RedbBenchmark {
  private static final Run.Sizes WARM_UP = new Run.Sizes(20_000, 100_000, 100, 1_000, 1_000);

  private RedbBenchmark() {}

  /** Runs the benchmark; exits with code 2 if the arguments are invalid. */
  public static void main(String[] arguments) throws Exception {
    Options options;
    try {
      options = Options.parse(arguments);
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.exit(2);
      return;
    }
    Path directory = Files.createTempDirectory(options.directory(), "candidate-benchmark");
    try {
      if (options.warmUp()) {
        new Run(options, directory, WARM_UP, new Results(true)).all();
      }
      Run.Sizes sizes = new Run.Sizes(options.rows(), 1_000_000, 10_000, 3_000, 5_000);
      Results results = new Results(false);
      new Run(options, directory, sizes, results).all();
      System.out.print(results.table(options.candidates()));
    } finally {
      Files.delete(directory);
    }
  }
}
