package io.divan.redb.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The phases, each done by one engine after the other, so that what else the machine does meets all
 * of them. No reader is open while something is written. What was read is compared with what was
 * written.
 */
final class Run {

  /**
   * How much is done.
   *
   * @param rows the pairs that are loaded
   * @param gets how many of them are got at random
   * @param scans how many short scans there are
   * @param loneMillis how long one writer commits
   * @param groupedMillis how long many do
   */
  record Sizes(int rows, int gets, int scans, long loneMillis, long groupedMillis) {}

  private static final int WRITERS = 32;
  private static final int SCAN_ROWS = 1000;
  private static final int BATCH_ROWS = 10_000;

  private final List<Engine> engines;
  private final List<String> phases;
  private final Path directory;
  private final long cacheBytes;
  private final long unwrittenBytes;
  private final long seed;
  private final Sizes sizes;
  private final Rows rows;
  private final Results results;

  Run(Options options, Path directory, Sizes sizes, Results results) {
    engines = options.engines();
    phases = options.phases();
    cacheBytes = (long) options.cacheMegabytes() << 20;
    unwrittenBytes = (long) options.unwrittenMegabytes() << 20;
    seed = options.seed();
    this.directory = directory;
    this.sizes = sizes;
    this.results = results;
    rows = new Rows(seed, sizes.rows());
  }

  void all() throws Exception {
    if (phases.contains("lone")) {
      forEach(this::loneCommits);
    }
    if (phases.contains("grouped")) {
      forEach(this::groupedCommits);
    }
    if (phases.contains("natural")) {
      forEach(this::naturalCommits);
    }
    if (phases.contains("batches")) {
      loadAndRead("random order, commits of 10,000 rows", rows.shuffled(), BATCH_ROWS, false);
    }
    boolean reads = phases.contains("reads");
    boolean ordered = phases.contains("ordered");
    if (phases.contains("random") || reads && !ordered) {
      loadAndRead("random order", rows.shuffled(), sizes.rows(), reads);
    }
    if (ordered) {
      loadAndRead("in order", rows.inOrder(), sizes.rows(), reads);
    }
  }

  private interface Phase {
    void run(Engine engine, Path place) throws Exception;
  }

  /** Runs a phase for each engine, in a directory that is empty at first and removed afterwards. */
  private void forEach(Phase phase) throws Exception {
    for (Engine engine : engines) {
      Path place = Files.createDirectory(directory.resolve(engine.name()));
      try {
        phase.run(engine, place);
      } finally {
        remove(place);
      }
    }
  }

  private void loneCommits(Engine engine, Path place) throws Exception {
    try (Engine.Store store = open(engine, place)) {
      SplittableRandom random = new SplittableRandom(seed);
      results.measure(
          "lone commits",
          engine,
          "commits",
          () -> {
            long end = after(sizes.loneMillis());
            long commits = 0;
            for (; System.nanoTime() < end; commits++) {
              long id = random.nextLong(Long.MAX_VALUE);
              store.put(Rows.keyOf(id), Rows.valueOf(id, seed));
              store.commit();
            }
            return commits;
          });
    }
  }

  private void groupedCommits(Engine engine, Path place) throws Exception {
    try (Engine.Store store = open(engine, place)) {
      GroupCommit group = new GroupCommit(store);
      try (group) {
        results.measure(
            WRITERS + " writers, group commit", engine, "commits", () -> fromMany(group::put));
      }
      System.err.println("  in " + group.groups() + " groups");
    }
  }

  private void naturalCommits(Engine engine, Path place) throws Exception {
    try (Engine.Store store = open(engine, place)) {
      results.measure(
          WRITERS + " writers, without", engine, "commits", () -> fromMany(store::putFromMany));
    }
  }

  private interface Put {
    void put(byte[] key, byte[] value) throws Exception;
  }

  private long fromMany(Put put) throws Exception {
    long end = after(sizes.groupedMillis());
    List<Callable<Long>> writers = new ArrayList<>();
    for (int i = 0; i < WRITERS; i++) {
      SplittableRandom random = new SplittableRandom(seed + i);
      writers.add(
          () -> {
            long commits = 0;
            for (; System.nanoTime() < end; commits++) {
              long id = random.nextLong(Long.MAX_VALUE);
              put.put(Rows.keyOf(id), Rows.valueOf(id, seed));
            }
            return commits;
          });
    }
    return together(writers).stream().mapToLong(Long::longValue).sum();
  }

  /** Loads a file with every engine, then reads from each, and removes them. */
  private void loadAndRead(String how, int[] order, int commitRows, boolean reads)
      throws Exception {
    try {
      for (Engine engine : engines) {
        Path place = Files.createDirectory(directory.resolve(engine.name()));
        load(engine, place, how, order, commitRows);
      }
      if (reads) {
        for (Engine engine : engines) {
          gets(engine, place(engine), how, 1);
        }
        for (Engine engine : engines) {
          gets(engine, place(engine), how, 2);
        }
        for (Engine engine : engines) {
          fullScans(engine, place(engine), how);
        }
        for (Engine engine : engines) {
          shortScans(engine, place(engine), how);
        }
      }
    } finally {
      for (Engine engine : engines) {
        remove(place(engine));
      }
    }
  }

  private void load(Engine engine, Path place, String how, int[] order, int commitRows)
      throws Exception {
    try (Engine.Store store = open(engine, place)) {
      results.measure(
          "load, " + how,
          engine,
          "rows",
          () -> {
            for (int i = 0; i < order.length; i++) {
              store.put(rows.key(order[i]), rows.value(order[i]));
              if ((i + 1) % commitRows == 0) {
                store.commit();
              }
            }
            store.commit();
            return order.length;
          });
    }
    results.bytes("file, loaded " + how, engine, length(place));
  }

  private void gets(Engine engine, Path place, String how, int threads) throws Exception {
    Engine.Tally tally = new Engine.Tally();
    int each = sizes.gets() / threads;
    try (Engine.Store store = engine.open(place, cacheBytes, unwrittenBytes, threads)) {
      List<Callable<Engine.Tally>> readers = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        SplittableRandom random = new SplittableRandom(seed + i);
        readers.add(() -> getRandom(store, random, each));
      }
      results.measure(
          "random gets, " + threads + (threads == 1 ? " thread" : " threads") + ", loaded " + how,
          engine,
          "gets",
          () -> {
            together(readers).forEach(tally::add);
            return (long) each * threads;
          });
    }
    Engine.Tally expected = new Engine.Tally();
    for (int i = 0; i < threads; i++) {
      SplittableRandom random = new SplittableRandom(seed + i);
      for (int j = 0; j < each; j++) {
        expected.add(rows.value(random.nextInt(rows.count())));
      }
    }
    check(engine, tally, expected);
  }

  private Engine.Tally getRandom(Engine.Store store, SplittableRandom random, int count)
      throws Exception {
    Engine.Tally tally = new Engine.Tally();
    try (Engine.Reader reader = store.reader()) {
      for (int i = 0; i < count; i++) {
        reader.get(rows.key(random.nextInt(rows.count())), tally);
      }
    }
    return tally;
  }

  private void fullScans(Engine engine, Path place, String how) throws Exception {
    Engine.Tally expected = new Engine.Tally();
    for (int row = 0; row < rows.count(); row++) {
      expected.add(rows.value(row));
    }
    try (Engine.Store store = open(engine, place);
        Engine.Reader reader = store.reader()) {
      for (String pass : List.of("first", "second")) {
        Engine.Tally tally = new Engine.Tally();
        results.measure(
            "full scan, " + pass + " pass, loaded " + how,
            engine,
            "rows",
            () -> {
              reader.scan(new byte[0], Long.MAX_VALUE, tally);
              return tally.rows;
            });
        check(engine, tally, expected);
      }
    }
  }

  private void shortScans(Engine engine, Path place, String how) throws Exception {
    int scanRows = Math.min(SCAN_ROWS, rows.count());
    SplittableRandom random = new SplittableRandom(seed);
    int[] starts =
        random.ints(sizes.scans(), 0, rows.count() - scanRows + 1).toArray();
    Engine.Tally tally = new Engine.Tally();
    try (Engine.Store store = open(engine, place);
        Engine.Reader reader = store.reader()) {
      results.measure(
          "scans of 1,000 rows, loaded " + how,
          engine,
          "rows",
          () -> {
            for (int start : starts) {
              reader.scan(rows.key(start), scanRows, tally);
            }
            return tally.rows;
          });
    }
    Engine.Tally expected = new Engine.Tally();
    for (int start : starts) {
      for (int row = start; row < start + scanRows; row++) {
        expected.add(rows.value(row));
      }
    }
    check(engine, tally, expected);
  }

  private Path place(Engine engine) {
    return directory.resolve(engine.name());
  }

  private Engine.Store open(Engine engine, Path place) throws Exception {
    return engine.open(place, cacheBytes, unwrittenBytes, 1);
  }

  private static long after(long millis) {
    return System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
  }

  /** Runs each on a thread of its own, and waits for all. */
  private static <T> List<T> together(List<Callable<T>> tasks) throws Exception {
    List<T> answers = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(tasks.size())) {
      for (Future<T> answer : threads.invokeAll(tasks)) {
        answers.add(answer.get());
      }
    }
    return answers;
  }

  private static void check(Engine engine, Engine.Tally tally, Engine.Tally expected) {
    if (tally.rows != expected.rows || tally.bytes != expected.bytes) {
      throw new IllegalStateException(
          engine.name() + " read " + tally.rows + " rows instead of " + expected.rows
              + ", or other bytes");
    }
  }

  private static long length(Path place) throws IOException {
    long bytes = 0;
    try (Stream<Path> files = Files.list(place)) {
      for (Path file : files.toList()) {
        bytes += Files.size(file);
      }
    }
    return bytes;
  }

  private static void remove(Path place) throws IOException {
    if (Files.exists(place)) {
      try (Stream<Path> files = Files.list(place)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(place);
    }
  }
}
