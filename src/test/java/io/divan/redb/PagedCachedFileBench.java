package io.divan.redb;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Measures reading a page from the cache, and from a file in the system's cache with and without
 * its checksum, and measures small commits. Argument: a directory on the disk to measure.
 */
final class PagedCachedFileBench {
  private static final int PAGES = 50_000;
  private static final FileLayout LAYOUT = new FileLayout(0, 1 << 20, 0, PAGES);

  private PagedCachedFileBench() {}

  public static void main(String[] args) throws Exception {
    Path path = Path.of(args[0]).resolve("bench.redb");
    Files.deleteIfExists(path);
    try (ChannelFile file = ChannelFile.open(path, true)) {
      file.setLength(LAYOUT.fileBytes());
      PagedCachedFile writer = open(file, 1 << 20);
      long start = System.nanoTime();
      for (int i = 0; i < PAGES; i++) {
        writer.create(i)[7] = (byte) i;
        writer.spill();
      }
      writer.writeDirty();
      writer.sync();
      report("written, then synced", 1, PAGES, System.nanoTime() - start);
      PagedCachedFile all = open(file, 256 << 20);
      PagedCachedFile few = open(file, 4 << 20);
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

  private static PagedCachedFile open(ChannelFile file, long cacheBytes) {
    return new PagedCachedFile(
        file, "bench", LAYOUT, new SharedPageCache(cacheBytes), 64 << 20);
  }

  private static void measure(
      String what, PagedCachedFile pages, int threads, int count, Pages.Check verifier)
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
    PagedCachedFile pages = open(file, 4 << 20);
    SplittableRandom random = new SplittableRandom(5);
    byte[] header = DatabaseHeader.initial(LAYOUT).format(true);
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
