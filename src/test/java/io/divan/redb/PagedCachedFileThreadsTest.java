package io.divan.redb;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.junit.jupiter.api.Test;

/**
 * Runs four readers and a writer that creates, writes and frees the same few pages again and again.
 */
class PagedCachedFileThreadsTest {
  private static final long SEED = Long.getLong("divan.seed", 51);
  private static final int PAGES = 400;
  private static final long CACHE_BYTES = 100L * PageNumber.PAGE_BYTES;
  private static final FileLayout LAYOUT = new FileLayout(0, 1024, 0, PAGES);

  private final SharedPageCache cache = new SharedPageCache(CACHE_BYTES);
  private final PagedCachedFile pages =
      new PagedCachedFile(
          new HeapFile(LAYOUT.fileBytes()),
          "threads.redb",
          LAYOUT,
          cache,
          20L * PageNumber.PAGE_BYTES);

  // Readers of a state hold the read lock. The writer waits for them before it frees pages.
  private final ReadWriteLock reading = new ReentrantReadWriteLock();
  private volatile long[] published = new long[0];
  private volatile boolean ended;

  @Test
  void readers_seeTheStateThatWasPublished() throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(5)) {
      List<Future<Long>> results = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        results.add(threads.submit(reader(i)));
      }
      try {
        threads.submit(this::write).get(60, TimeUnit.SECONDS);
      } finally {
        ended = true;
      }
      for (Future<Long> result : results) {
        assertThat(result.get(60, TimeUnit.SECONDS)).as("seed %d", SEED).isPositive();
      }
    }
  }

  /** Writes random pages, each with a stamp, and publishes the stamps of all pages. */
  private Void write() {
    Random random = new Random(SEED);
    long stamp = 0;
    long[] stamps = new long[PAGES];
    for (int round = 0; round < 3_000; round++) {
      List<Integer> freed = new ArrayList<>();
      for (int i = random.nextInt(1, 30); i > 0; i--) {
        int index = random.nextInt(PAGES);
        if (stamps[index] == 0) {
          stamps[index] = ++stamp;
          ByteBuffer.wrap(pages.create(index)).putLong(stamp).putLong(4088, stamp);
        } else if (!freed.contains(index) && isPublished(index, stamps[index])) {
          freed.add(index);
        }
        pages.spill();
      }
      freed.forEach(index -> stamps[index] = 0);
      if (random.nextInt(3) == 0) {
        pages.writeDirty();
      }
      publish(stamps);
      reading.writeLock().lock();
      reading.writeLock().unlock();
      freed.forEach(index -> pages.drop(index));
    }
    return null;
  }

  private boolean isPublished(int index, long stamp) {
    return index < published.length && published[index] == stamp;
  }

  private void publish(long[] stamps) {
    published = stamps.clone();
  }

  private Callable<Long> reader(int number) {
    return () -> {
      Random random = new Random(SEED + number);
      long reads = 0;
      while (!ended) {
        reading.readLock().lock();
        try {
          long[] state = published;
          for (int i = 0; i < 200 && state.length > 0; i++) {
            int index = random.nextInt(state.length);
            if (state[index] != 0) {
              check(index, state[index]);
              reads++;
            }
          }
        } finally {
          reading.readLock().unlock();
        }
        assertThat(cache.bytes()).isLessThanOrEqualTo(CACHE_BYTES);
      }
      return reads;
    };
  }

  private void check(int index, long stamp) {
    Pages.Check verifier =
        (page, bytes) -> {
          long found = ByteBuffer.wrap(bytes).getLong(0);
          if (found != stamp) {
            throw new RedbException.Corrupted(
                "read from the file: " + found + ", not " + stamp + ", seed " + SEED);
          }
        };
    ByteBuffer bytes = ByteBuffer.wrap(pages.read(index, verifier));
    if (bytes.getLong(0) != stamp || bytes.getLong(4088) != stamp) {
      throw new AssertionError("page " + index + " is not " + stamp + ", seed " + SEED);
    }
  }
}
