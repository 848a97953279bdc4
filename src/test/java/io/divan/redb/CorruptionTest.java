package io.divan.redb;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.divan.redb.Samples.Sample;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/**
 * Changes bytes of a file, then opens, reads and writes it. Every result must be right or reported
 * as corruption, within a bounded number of reads and without allocating memory for a corrupted
 * length. {@code -Ddivan.flips=N} sets the number of changes per file.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = ThreadMode.SEPARATE_THREAD)
class CorruptionTest {
  private static final int HEADER = 320;
  private static final long FLIPS = Long.getLong("divan.flips", 1_500);
  private static final ThreadMXBean THREADS =
      (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static final Redb.Options OPTIONS = new Redb.Options(false, 64 << 10);

  private long refused;
  private long right;

  @Test
  void flipped_cleanFile_rightOrRejected() {
    flip(own(true), 1);
  }

  @Test
  void flipped_uncleanFile_rightOrRejected() {
    flip(own(false), 2);
  }

  @Test
  void flipped_smallFileOfRedb_rightOrRejected() {
    flip(Subject.of(Sample.SMALL.image(), Sample.SMALL.models()), 3);
  }

  @Test
  void flipped_headersOfLargeFilesOfRedb_rightOrRejected() {
    for (Sample sample : List.of(Sample.CLEAN, Sample.UNCLEAN)) {
      Subject subject = Subject.of(sample.image(), sample.models());
      SplittableRandom random = new SplittableRandom(4);
      for (int at = 0; at < HEADER; at += 5) {
        byte[] content = subject.image.content();
        content[at] ^= (byte) (1 << random.nextInt(8));
        check(subject, content, sample + ", byte " + at);
      }
    }
  }

  @Test
  void truncatedOrExtended_rightOrRejected() {
    for (Subject subject : List.of(own(true), own(false))) {
      byte[] content = subject.image.content();
      for (int length = 1; length < content.length; length += 509) {
        check(subject, Arrays.copyOf(content, length), "cut to " + length);
      }
      for (int more = 1; more < 40_000; more += 1_023) {
        check(
            subject, Arrays.copyOf(content, content.length + more), "extended by " + more);
      }
    }
  }

  /**
   * A damaged file, the states it may hold, and a limit for the bytes allocated while using it: a
   * multiple of what the undamaged file needs.
   */
  private record Subject(Blocks.Image image, List<Model> allowed, long allocatedMax) {

    static Subject of(Blocks.Image image, List<Model> allowed) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      use(new SimulatedDisk(image), allowed);
      long usual = THREADS.getCurrentThreadAllocatedBytes() - before;
      return new Subject(image, allowed, 4 * usual + 4 * image.length());
    }
  }

  /**
   * Returns a file with three commits. If it was not closed, a damaged last commit looks like an
   * unfinished one, and the previous commit is found.
   */
  private static Subject own(boolean clean) {
    SimulatedDisk disk = new SimulatedDisk();
    Redb database = Redb.open(disk, "own", Program.OPTIONS);
    SplittableRandom random = new SplittableRandom(9);
    Model before = new Model();
    Model model = before;
    for (int i = 0; i < 3; i++) {
      before = model;
      try (WriteTxn write = database.beginWrite()) {
        model = new Session(write, model, random, new Data.Scale(400, 500, 9_000, 100)).run(120);
        write.commit();
      }
    }
    if (clean) {
      database.close();
      return Subject.of(disk.image(), List.of(model));
    }
    return Subject.of(disk.image(), List.of(model, before));
  }

  private void flip(Subject subject, long usualSeed) {
    long seed = Replay.seed(usualSeed);
    SplittableRandom random = new SplittableRandom(seed);
    int length = subject.image.content().length;
    for (int at = 0; at < HEADER; at++) {
      for (int bit = 0; bit < 8; bit++) {
        byte[] content = subject.image.content();
        content[at] ^= (byte) (1 << bit);
        check(subject, content, "header, byte " + at + ", bit " + bit);
      }
    }
    for (long i = 0; i < FLIPS; i++) {
      byte[] content = subject.image.content();
      int at = random.nextInt(length);
      int count = random.nextInt(3) > 0 ? 1 : random.nextInt(1, Math.min(6_000, length - at + 1));
      byte[] noise = new byte[count];
      switch (random.nextInt(4)) {
        case 0 -> random.nextBytes(noise);
        case 1 -> Arrays.fill(noise, (byte) random.nextInt(2));
        case 2 -> Arrays.fill(noise, (byte) 0xFF);
        default -> {
          System.arraycopy(content, at, noise, 0, count);
          noise[random.nextInt(count)] ^= (byte) (1 << random.nextInt(8));
        }
      }
      System.arraycopy(noise, 0, content, at, count);
      check(subject, content, "%d bytes at %d, %s".formatted(count, at, Replay.with(seed)));
    }
    System.out.printf("redb: %,d damaged files, %,d rejected%n", right + refused, refused);
    assertThat(refused).isPositive();
    assertThat(right).isPositive();
  }

  private void check(Subject subject, byte[] content, String what) {
    SimulatedDisk disk = new SimulatedDisk(Blocks.Image.of(content));
    disk.readsAtMost(20L * content.length / Blocks.BYTES + 1_000);
    disk.fullFrom(4L * content.length + (1 << 20));
    long allocated = THREADS.getCurrentThreadAllocatedBytes();
    try {
      use(disk, subject.allowed);
      right++;
    } catch (RedbException.Corrupted | RedbException.Unsupported e) {
      refused++;
      assertThat(e.getMessage()).as(what).contains("damaged");
    } catch (RuntimeException | Error e) {
      throw new AssertionError(what + ": " + e, e);
    }
    long bytes = THREADS.getCurrentThreadAllocatedBytes() - allocated;
    assertThat(bytes).as("%s: bytes allocated", what).isLessThan(subject.allocatedMax);
  }

  private static void use(SimulatedDisk disk, List<Model> allowed) {
    Redb database = Redb.open(disk, "damaged", OPTIONS);
    Model found = Model.found(allowed, database);
    try (WriteTxn write = database.beginWrite()) {
      found = new Session(write, found, new SplittableRandom(1), Program.SMALL).run(10);
      write.commit();
    }
    Model.found(List.of(found), database);
    database.checkIntegrity();
    database.close();
    try (Redb next = Redb.open(disk.reopened(), "damaged", OPTIONS)) {
      Model.found(List.of(found), next);
    }
  }
}
