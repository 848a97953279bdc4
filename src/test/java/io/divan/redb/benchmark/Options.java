package io.divan.redb.benchmark;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What was asked for on the command line: pairs of {@code --name value}.
 *
 * @param engines {@code --only}: which engines, of {@code redb,mvstore,sqlite} and {@code
 *     mvstore-buffered}, which is measured only where it is asked for
 * @param phases {@code --phases}: which of {@link #PHASES}
 * @param directory {@code --dir}: where a temporary directory is made for the files
 * @param rows {@code --rows}: how many are loaded
 * @param cacheMegabytes {@code --cache-mb}: pages that each engine may keep in memory
 * @param unwrittenMegabytes {@code --unwritten-mb}: of a commit, what redb keeps in memory before
 *     it writes some of it; MVStore always keeps all
 * @param seed {@code --seed}: of the keys, the values, and the order of everything
 * @param warmUp {@code --warm-up yes|no}: whether everything is done once with few rows before, so
 *     that the JVM has compiled it
 */
record Options(
    List<Engine> engines,
    List<String> phases,
    Path directory,
    int rows,
    int cacheMegabytes,
    int unwrittenMegabytes,
    long seed,
    boolean warmUp) {

  static final List<String> PHASES =
      List.of("lone", "grouped", "natural", "batches", "random", "ordered", "reads");

  private static final List<Engine> ENGINES =
      List.of(
          new RedbEngine(),
          new MvStoreEngine(false),
          new MvStoreEngine(true),
          new SqliteEngine());

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
   * Reads arguments.
   *
   * @throws IllegalArgumentException saying which is wrong
   */
  static Options parse(String... arguments) {
    Map<String, String> given = new HashMap<>(DEFAULTS);
    for (int i = 0; i < arguments.length; i += 2) {
      if (!DEFAULTS.containsKey(arguments[i]) || i + 1 == arguments.length) {
        throw new IllegalArgumentException(
            arguments[i] + ": the options, each with a value, are " + DEFAULTS);
      }
      given.put(arguments[i], arguments[i + 1]);
    }
    List<String> names = ENGINES.stream().map(Engine::name).toList();
    List<String> only = chosen("--only", given, names);
    return new Options(
        ENGINES.stream().filter(engine -> only.contains(engine.name())).toList(),
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
      throw new IllegalArgumentException(name + " takes some of " + known);
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
