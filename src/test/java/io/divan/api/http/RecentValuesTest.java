package io.divan.api.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RecentValuesTest {
  private long nanos = -TimeUnit.SECONDS.toNanos(3);
  private final RecentValues values = new RecentValues(() -> nanos);

  private long count() {
    return values.buckets().stream().mapToLong(RecentValues.Bucket::count).sum();
  }

  @Test
  void record_keepsValuesToFivePercent() {
    for (double value : new double[] {0, 0.002, 1, 17.3, 60_000, 5e6}) {
      RecentValues one = new RecentValues(() -> nanos);
      one.record(value);

      assertThat(one.buckets()).hasSize(1);
      assertThat(one.buckets().getFirst().value()).isCloseTo(value, within(value * 0.05 + 1e-9));
    }
  }

  @Test
  void buckets_forgetAfterTenSeconds() {
    values.record(1);
    nanos += TimeUnit.SECONDS.toNanos(9);
    values.record(1);
    assertThat(count()).isEqualTo(2);

    nanos += TimeUnit.SECONDS.toNanos(2);
    assertThat(count()).isEqualTo(1);
    nanos += TimeUnit.SECONDS.toNanos(100);
    assertThat(count()).isZero();
    values.record(1);
    assertThat(count()).isEqualTo(1);
  }

  @Test
  void record_enormous_staysBounded() {
    values.record(1e300);

    assertThat(values.buckets().getFirst().value()).isGreaterThan(1e6);
  }
}
