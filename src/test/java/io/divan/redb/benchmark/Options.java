package io.divan.redb.benchmark;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The command-line options, as pairs of {@code --name value}.
 *
 * @param candidates {@code --only}: the stores to measure, of {@code redb,mvstore,sqlite} and
 *     {@code mvstore-buffered}, which is measured only on request
 * @param phases {@code --phases}: some of {@link #PHASES}
 * @param directory {@code --dir}: the parent of the temporary directory for the files
 * @param rows {@code --rows}: the number of rows to load
 * @param cacheMegabytes {@code --cache-mb}: the page cache of each store
 * @param unwrittenMegabytes {@code --unwritten-mb}: how much of a commit redb keeps in memory
 *     before it writes parts of it; MVStore always keeps all
 * @param seed {@code --seed}: the seed for keys, values and orders
 * @param warmUp {@code --warm-up yes|no}: whether to run everything once with few rows first, so
 *     that the JVM has compiled it
 */
record Options(
    List<Candidate> candidates,
    List<String> phases,
    Path directory,
    int rows,
    int cacheMegabytes,
    int unwrittenMegabytes,
    long seed,
    boolean warmUp) {

  static final List<String> PHASES =
      List.of("lone", "grouped", "natural", "batches", "random", "ordered", "reads");

  private static final List<Candidate> CANDIDATES =
      List.of(
          new RedbCandidate(),
          new MvStoreCandidate(false),
          new MvStoreCandidate(true),
          new SqliteCandidate());

  private static final Map<String, String> DEFAULTS =
      Map.of(
          "--only", "redb,mvstore,sqlite",
          "--phases", "lone,grouped,natural,random,ordered,reads",
          "--dir", System.getProperty("java.io.tmpdir"),
          "--rows", "1000000",
          "--cache-mb", "256",
          "--unwritten-mb", "64",
          "--seed", "1",
          "--warm-up", "yes");

  /**
   * Parses the arguments.
   *
   * @throws IllegalArgumentException naming the invalid argument
   */
  static Options parse(String... arguments) {
    Map<String, String> given = new HashMap<>(DEFAULTS);
    for (int i = 0; i < arguments.length; i += 2) {
      if (!DEFAULTS.containsKey(arguments[i]) || i + 1 == arguments.length) {
        throw new IllegalArgumentException(
            arguments[i]
                + ": unknown option, or value missing; the options and their defaults are "
                + DEFAULTS);
      }
      given.put(arguments[i], arguments[i + 1]);
    }
    List<String> names = CANDIDATES.stream().map(Candidate::name).toList();
    List<String> only = chosen("--only", given, names);
    return new Options(
        CANDIDATES.stream().filter(candidate -> only.contains(candidate.name())).toList(),
        chosen("--phases", given, PHASES),
        Path.of(given.get("--dir")),
        atLeastOne("--rows", given),
        atLeastOne("--cache-mb", given),
        atLeastOne("--unwritten-mb", given),
        Long.parseLong(given.get("--seed")),
        chosen("--warm-up", given, List.of("yes", "no")).contains("yes"));
  }

  private static List<String> chosen(String name, Map<String, String> given, List<String> known) {
    List<String> values = List.of(given.get(name).split(","));
    if (!Set.copyOf(known).containsAll(values)) {
      throw new IllegalArgumentException(name + " accepts a list of " + known);
    }
    return values;
  }

  private static int atLeastOne(String name, Map<String, String> given) {
    int value = Integer.parseInt(given.get(name));
    if (value < 1) {
      throw new IllegalArgumentException(name + " must be at least 1");
    }
    return value;
  }
}
