package io.divan.redb.benchmark;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Measures {@code io.divan.redb} beside H2's MVStore and SQLite, one after the other in each phase:
 * the same rows, the same cache, the same promise that a commit is on the disk. Run by hand, never
 * by the build. From a clone:
 *
 * <pre>{@code
 * ./mvnw -q test-compile org.codehaus.mojo:exec-maven-plugin:3.6.2:exec \
 *     -Dexec.executable=java -Dexec.classpathScope=test -Dexec.args="-Xmx4g \
 *     --enable-native-access=ALL-UNNAMED -cp %classpath \
 *     io.divan.redb.benchmark.EngineBenchmark --rows 1000000"
 * }</pre>
 *
 * <p>Phases ({@code --phases}, by commas):
 *
 * <ul>
 *   <li>{@code lone}: one writer, one row a commit, for 3 seconds
 *   <li>{@code grouped}: 32 writers, one row each, through {@link GroupCommit}, for 5 seconds
 *   <li>{@code natural}: the same without that helper, see {@link Engine.Store#putFromMany}
 *   <li>{@code random}, {@code ordered}: all rows in one commit, in random order and in that of
 *       their keys; then the file's length after closing
 *   <li>{@code batches}: in random order, in commits of 10,000 rows; only where it is asked for
 *   <li>{@code reads}: from the files of {@code random} and {@code ordered}, opened anew for each:
 *       1,000,000 random gets by one thread and by two, two scans of everything by one reader,
 *       10,000 scans of 1,000 rows from random starts
 * </ul>
 *
 * <p>The other options are those of {@link Options}. A commit is counted when it is durable. Beside
 * each rate stands the CPU time of the whole process for one operation, garbage collection and
 * compilation included, which other work on the machine moves less; the system counts it in steps
 * of 10 ms. Making keys and values is part of it. Progress goes to standard error, the table, in
 * Markdown, to standard output. MVStore keeps a commit in memory, and writes it as a chunk of 2 GB
 * at most: a million rows take a heap of 4 GB, two million are too many for it.
 */
final class EngineBenchmark {
  private static final Run.Sizes WARM_UP = new Run.Sizes(20_000, 100_000, 100, 1_000, 1_000);

  private EngineBenchmark() {}

  /** Runs it; ends with 2 where the arguments are wrong. */
  public static void main(String[] arguments) throws Exception {
    Options options;
    try {
      options = Options.parse(arguments);
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.exit(2);
      return;
    }
    Path directory = Files.createTempDirectory(options.directory(), "engine-benchmark");
    try {
      if (options.warmUp()) {
        new Run(options, directory, WARM_UP, new Results(true)).all();
      }
      Run.Sizes sizes = new Run.Sizes(options.rows(), 1_000_000, 10_000, 3_000, 5_000);
      Results results = new Results(false);
      new Run(options, directory, sizes, results).all();
      System.out.print(results.table(options.engines()));
    } finally {
      Files.delete(directory);
    }
  }
}
