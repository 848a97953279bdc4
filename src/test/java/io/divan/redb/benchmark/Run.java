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
 * Runs the phases. In each phase the stores take turns, so that other load on the machine affects
 * all of them. No reader is open during writes. Checks the values read against the values written.
 */
final class Run {

  /**
   * The amount of work.
   *
   * @param rows the number of rows to load
   * @param gets the number of random gets
   * @param scans the number of short scans
   * @param loneMillis how long a single writer commits
   * @param groupedMillis how long many writers commit
   */
  record Sizes(int rows, int gets, int scans, long loneMillis, long groupedMillis) {}

  private static final int WRITERS = 32;
  private static final int SCAN_ROWS = 1000;
  private static final int BATCH_ROWS = 10_000;

  private final List<Candidate> candidates;
  private final List<String> phases;
  private final Path directory;
  private final long cacheBytes;
  private final long unwrittenBytes;
  private final long seed;
  private final Sizes sizes;
  private final Rows rows;
  private final Results results;

  Run(Options options, Path directory, Sizes sizes, Results results) {
    candidates = options.candidates();
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
    void run(Candidate candidate, Path place) throws Exception;
  }

  /** Runs a phase for each store, in an empty directory that is removed afterwards. */
  private void forEach(Phase phase) throws Exception {
    for (Candidate candidate : candidates) {
      Path place = Files.createDirectory(directory.resolve(candidate.name()));
      try {
        phase.run(candidate, place);
      } finally {
        remove(place);
      }
    }
  }

  private void loneCommits(Candidate candidate, Path place) throws Exception {
    try (Candidate.Store store = open(candidate, place)) {
      SplittableRandom random = new SplittableRandom(seed);
      results.measure(
          "lone commits",
          candidate,
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

  private void groupedCommits(Candidate candidate, Path place) throws Exception {
    try (Candidate.Store store = open(candidate, place)) {
      GroupCommit group = new GroupCommit(store);
      try (group) {
        results.measure(
            WRITERS + " writers, group commit", candidate, "commits", () -> fromMany(group::put));
      }
      System.err.println("  in " + group.groups() + " groups");
    }
  }

  private void naturalCommits(Candidate candidate, Path place) throws Exception {
    try (Candidate.Store store = open(candidate, place)) {
      results.measure(
          WRITERS + " writers, without", candidate, "commits", () -> fromMany(store::putFromMany));
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

  /** Loads a file with every store, reads from each, and removes them. */
  private void loadAndRead(String how, int[] order, int commitRows, boolean reads)
      throws Exception {
    try {
      for (Candidate candidate : candidates) {
        Path place = Files.createDirectory(directory.resolve(candidate.name()));
        load(candidate, place, how, order, commitRows);
      }
      if (reads) {
        for (Candidate candidate : candidates) {
          gets(candidate, place(candidate), how, 1);
        }
        for (Candidate candidate : candidates) {
          gets(candidate, place(candidate), how, 2);
        }
        for (Candidate candidate : candidates) {
          fullScans(candidate, place(candidate), how);
        }
        for (Candidate candidate : candidates) {
          shortScans(candidate, place(candidate), how);
        }
      }
    } finally {
      for (Candidate candidate : candidates) {
        remove(place(candidate));
      }
    }
  }

  private void load(Candidate candidate, Path place, String how, int[] order, int commitRows)
      throws Exception {
    try (Candidate.Store store = open(candidate, place)) {
      results.measure(
          "load, " + how,
          candidate,
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
    results.bytes("file, loaded " + how, candidate, length(place));
  }

  private void gets(Candidate candidate, Path place, String how, int threads) throws Exception {
    Candidate.Tally tally = new Candidate.Tally();
    int each = sizes.gets() / threads;
    try (Candidate.Store store = candidate.open(place, cacheBytes, unwrittenBytes, threads)) {
      List<Callable<Candidate.Tally>> readers = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        SplittableRandom random = new SplittableRandom(seed + i);
        readers.add(() -> getRandom(store, random, each));
      }
      results.measure(
          "random gets, " + threads + (threads == 1 ? " thread" : " threads") + ", loaded " + how,
          candidate,
          "gets",
          () -> {
            together(readers).forEach(tally::add);
            return (long) each * threads;
          });
    }
    Candidate.Tally expected = new Candidate.Tally();
    for (int i = 0; i < threads; i++) {
      SplittableRandom random = new SplittableRandom(seed + i);
      for (int j = 0; j < each; j++) {
        expected.add(rows.value(random.nextInt(rows.count())));
      }
    }
    check(candidate, tally, expected);
  }

  private Candidate.Tally getRandom(Candidate.Store store, SplittableRandom random, int count)
      throws Exception {
    Candidate.Tally tally = new Candidate.Tally();
    try (Candidate.Reader reader = store.reader()) {
      for (int i = 0; i < count; i++) {
        reader.get(rows.key(random.nextInt(rows.count())), tally);
      }
    }
    return tally;
  }

  private void fullScans(Candidate candidate, Path place, String how) throws Exception {
    Candidate.Tally expected = new Candidate.Tally();
    for (int row = 0; row < rows.count(); row++) {
      expected.add(rows.value(row));
    }
    try (Candidate.Store store = open(candidate, place);
        Candidate.Reader reader = store.reader()) {
      for (String pass : List.of("first", "second")) {
        Candidate.Tally tally = new Candidate.Tally();
        results.measure(
            "full scan, " + pass + " pass, loaded " + how,
            candidate,
            "rows",
            () -> {
              reader.scan(new byte[0], Long.MAX_VALUE, tally);
              return tally.rows;
            });
        check(candidate, tally, expected);
      }
    }
  }

  private void shortScans(Candidate candidate, Path place, String how) throws Exception {
    int scanRows = Math.min(SCAN_ROWS, rows.count());
    SplittableRandom random = new SplittableRandom(seed);
    int[] starts =
        random.ints(sizes.scans(), 0, rows.count() - scanRows + 1).toArray();
    Candidate.Tally tally = new Candidate.Tally();
    try (Candidate.Store store = open(candidate, place);
        Candidate.Reader reader = store.reader()) {
      results.measure(
          "scans of 1,000 rows, loaded " + how,
          candidate,
          "rows",
          () -> {
            for (int start : starts) {
              reader.scan(rows.key(start), scanRows, tally);
            }
            return tally.rows;
          });
    }
    Candidate.Tally expected = new Candidate.Tally();
    for (int start : starts) {
      for (int row = start; row < start + scanRows; row++) {
        expected.add(rows.value(row));
      }
    }
    check(candidate, tally, expected);
  }

  private Path place(Candidate candidate) {
    return directory.resolve(candidate.name());
  }

  private Candidate.Store open(Candidate candidate, Path place) throws Exception {
    return candidate.open(place, cacheBytes, unwrittenBytes, 1);
  }

  private static long after(long millis) {
    return System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
  }

  /** Runs each task on a thread of its own and waits for all. */
  private static <T> List<T> together(List<Callable<T>> tasks) throws Exception {
    List<T> answers = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(tasks.size())) {
      for (Future<T> answer : threads.invokeAll(tasks)) {
        answers.add(answer.get());
      }
    }
    return answers;
  }

  private static void check(Candidate candidate, Candidate.Tally tally, Candidate.Tally expected) {
    if (tally.rows != expected.rows || tally.bytes != expected.bytes) {
      throw new IllegalStateException(
          candidate.name() + " read " + tally.rows + " rows instead of " + expected.rows
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
