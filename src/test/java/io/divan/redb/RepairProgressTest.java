package io.divan.redb;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RepairProgressTest {
  private static final int PAGES = 25_600;

  private static List<String> verify(long secondsInAll) {
    AtomicLong clock = new AtomicLong();
    List<String> lines = new ArrayList<>();
    RepairProgress progress =
        new RepairProgress("/data/a.redb", 200_000_000, clock::get, lines::add);
    for (int i = 0; i < PAGES; i++) {
      clock.addAndGet(TimeUnit.SECONDS.toNanos(secondsInAll) / PAGES);
      progress.verified(PageNumber.of(0, i, 0));
    }
    progress.end();
    return lines;
  }

  @Test
  void verified_longRepair_logsTheRateEveryFiveSeconds() {
    List<String> lines = verify(20);

    assertThat(lines)
        .startsWith(
            "Repairing /data/a.redb, which was not closed: verified 26 MB of a file of 200 MB in"
                + " 5 s, 5.2 MB/s")
        .endsWith(
            "Repaired /data/a.redb, which was not closed: verified 105 MB of a file of 200 MB in"
                + " 20 s, 5.2 MB/s")
        .hasSizeBetween(4, 5);
  }

  @Test
  void verified_shortRepair_logsNothing() {
    assertThat(verify(4)).isEmpty();
  }
}
