package io.divan.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;

class HttpPropertiesTest {

  private static HttpProperties of(@Nullable Integer maxFeeds) {
    return new HttpProperties(
        DataSize.ofGigabytes(4), DataSize.ofMegabytes(16), maxFeeds, Duration.ZERO);
  }

  @Test
  void connections_defaultFeeds_areATenthMoreAndFitTheHeap() {
    int feeds = of(null).feeds();
    int connections = of(null).connections();
    assertThat(connections - feeds).isEqualTo(Math.max(100, feeds / 10));
    assertThat((long) connections * 100 * 1024).isLessThan(Runtime.getRuntime().maxMemory());
  }

  @Test
  void connections_feedsConfigured_leaveRoomForOthers() {
    assertThat(of(50_000).connections()).isEqualTo(55_000);
    assertThat(of(1).connections()).isEqualTo(of(null).connections());
    assertThat(of(Integer.MAX_VALUE).connections()).isEqualTo(Integer.MAX_VALUE);
  }
}
