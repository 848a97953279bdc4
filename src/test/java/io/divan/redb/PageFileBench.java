package io.divan.redb;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * How long a page takes: from the cache, from a file that the system has in memory, with its
 * checksum, and how long a small commit takes. Arguments: a directory on the disk in question.
 */
final class PageFileBench {
  private static final int PAGES = 50_000;
  private static final Layout LAYOUT = new Layout(0, 1 << 20, 0, PAGES);

  private PageFileBench() {}

  public static void main(String[] args) throws Exception {
    Path path = Path.of(args[0]).resolve("bench.redb");
    Files.deleteIfExists(path);
    try (ChannelFile file = ChannelFile.open(path, true)) {
      file.setLength(LAYOUT.fileBytes());
      PageFile writer = new PageFile(file, "bench", LAYOUT, new PageCache(1 << 20), 64 << 20);
      long start = System.nanoTime();
      for (int i = 0; i < PAGES; i++) {
        writer.create(i)[7] = (byte) i;
        writer.spill();
      }
      writer.writeDirty();
      writer.sync();
      report("written, then synced", 1, PAGES, System.nanoTime() - start);
      PageFile all = new PageFile(file, "bench", LAYOUT, new PageCache(256 << 20), 64 << 20);
      PageFile few = new PageFile(file, "bench", LAYOUT, new PageCache(4 << 20), 64 << 20);
      for (int round = 0; round < 3; round++) {
        for (int threads = 1; threads <= 4; threads *= 2) {
          measure("hits", all, threads, 5_000_000, (page, bytes) -> {});
          measure("misses", few, threads, 200_000, (page, bytes) -> {});
          measure(
              "misses with checksum",
              few,
              threads,
              200_000,
              (page, bytes) -> Checksums.of(bytes, 0, bytes.length));
        }
      }
      commits(file);
    } finally {
      Files.deleteIfExists(path);
    }
  }

  private static void measure(
      String what, PageFile pages, int threads, int count, Pages.Check verifier)
      throws InterruptedException {
    List<Thread> running = new ArrayList<>();
    long start = System.nanoTime();
    for (int t = 0; t < threads; t++) {
      SplittableRandom random = new SplittableRandom(t);
      running.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    long sum = 0;
                    for (int i = 0; i < count; i++) {
                      sum += pages.read(random.nextInt(PAGES), verifier)[7];
                    }
                    if (sum == 1) {
                      throw new IllegalStateException();
                    }
                  }));
    }
    for (Thread thread : running) {
      thread.join();
    }
    report(what, threads, (long) threads * count, System.nanoTime() - start);
  }

  private static void commits(ChannelFile file) {
    PageFile pages = new PageFile(file, "bench", LAYOUT, new PageCache(4 << 20), 64 << 20);
    SplittableRandom random = new SplittableRandom(5);
    byte[] header = Header.initial(LAYOUT).format(true);
    int count = 500;
    long start = System.nanoTime();
    for (int i = 0; i < count; i++) {
      for (int page = 0; page < 6; page++) {
        pages.create(random.nextInt(PAGES));
      }
      pages.writeDirty();
      pages.writeHeader(header);
      pages.sync();
    }
    report("commits of 6 pages", 1, count, System.nanoTime() - start);
  }

  private static void report(String what, int threads, long count, long nanos) {
    System.out.printf(
        Locale.ROOT, "%-24s %d threads %12.1f ns each%n", what, threads, nanos / (double) count);
  }
}
