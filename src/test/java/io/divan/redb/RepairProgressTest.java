package io.divan.redb;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class RepairProgressTest {
  private static final int PAGES = 25_000;

  private static void verify(long secondsInAll) {
    AtomicLong clock = new AtomicLong();
    RepairProgress progress = new RepairProgress("/data/a.redb", 200_000_000, clock::get);
    for (int i = 0; i < PAGES; i++) {
      clock.addAndGet(TimeUnit.SECONDS.toNanos(secondsInAll) / PAGES);
      progress.verified(PageNumber.of(0, i, 0));
    }
    progress.end();
  }

  @Test
  void verified_longRepair_logsTheRateEveryFiveSeconds(CapturedOutput output) {
    verify(20);

    assertThat(output.getAll()).contains("Repairing /data/a.redb, which was not closed: verified ");
    assertThat(output.getAll().split("Repairing ", -1)).hasSizeBetween(4, 5);
    assertThat(output.getAll())
        .contains("Repaired /data/a.redb, which was not closed: verified 102 MB of a file of 200 MB"
            + " in 20 s, 5.1 MB/s");
  }

  @Test
  void verified_shortRepair_logsNothing(CapturedOutput output) {
    verify(4);

    assertThat(output.getAll()).doesNotContain("/data/a.redb");
  }
}
