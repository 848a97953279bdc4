package io.divan.security.password;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** A bounded map with expiry. */
class RecentEntriesTest {
  private final ManualClock clock = new ManualClock(Instant.EPOCH);
  private final RecentEntries<String, Integer> entries =
      new RecentEntries<>(() -> 2, () -> Duration.ofSeconds(10), clock);

  private void add(String key) {
    entries.merge(key, 1, old -> old + 1);
  }

  @Test
  void merge_fullMap_evictsTheLeastRecentlyUsed() {
    add("a");
    add("b");
    entries.get("a");
    add("c");

    assertThat(entries.get("a")).hasValue(1);
    assertThat(entries.get("b")).isEmpty();
    assertThat(entries.get("c")).hasValue(1);
    assertThat(entries.size()).isEqualTo(2);
  }

  @Test
  void get_anyUse_doesNotProlongTheEntry() {
    add("a");
    clock.advance(Duration.ofSeconds(9));
    add("a");
    assertThat(entries.get("a")).hasValue(2);

    clock.advance(Duration.ofSeconds(1));

    assertThat(entries.get("a")).isEmpty();
    add("a");
    assertThat(entries.get("a")).hasValue(1);
  }
}
