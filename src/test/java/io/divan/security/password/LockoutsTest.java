package io.divan.security.password;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.configuration.RuntimeConfiguration;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Lock-outs after repeated failures. */
class LockoutsTest {
  private static final String HERE = "192.0.2.1";

  private final ManualClock clock = new ManualClock(Instant.ofEpochSecond(1_700_000_000));
  private final RuntimeConfiguration configuration = new RuntimeConfiguration();
  private final Lockouts lockouts =
      Lockouts.declare(
          configuration,
          new LockoutProperties(Lockouts.Mode.ENFORCE, 5, 3, Duration.ofMinutes(5)),
          clock);

  private void fail(String name, int times) {
    for (int i = 0; i < times; i++) {
      lockouts.failed(HERE, name, "salt");
    }
  }

  @Test
  void isLocked_fiveFailures_locksThatNameAddressAndSalt() {
    fail("joe", 4);
    assertThat(lockouts.isLocked(HERE, "joe", "salt")).isFalse();

    fail("joe", 1);

    assertThat(lockouts.isLocked(HERE, "joe", "salt")).isTrue();
    assertThat(lockouts.isLocked("192.0.2.2", "joe", "salt")).isFalse();
    assertThat(lockouts.isLocked(HERE, "ann", "salt")).isFalse();
    assertThat(lockouts.isLocked(HERE, "joe", "new salt")).isFalse();
  }

  @Test
  void isLocked_afterMinutes_isOver() {
    fail("joe", 1);
    clock.advance(Duration.ofMinutes(4));
    fail("joe", 4);
    assertThat(lockouts.isLocked(HERE, "joe", "salt")).isTrue();

    clock.advance(Duration.ofMinutes(1));

    assertThat(lockouts.isLocked(HERE, "joe", "salt")).isFalse();
  }

  @Test
  void isLocked_modeChanged_countsAtOnce() {
    configuration.set("chttpd_auth_lockout", "mode", "warn", false);
    try (RecordedLog log = new RecordedLog("divan.audit")) {
      fail("joe\n\"", 6);
      assertThat(log.messages())
          .containsExactly(
              "event=lockout_threshold name=\"joe\\u000a\\u0022\" address=\"192.0.2.1\""
                  + " failures=5 mode=warn");
    }
    assertThat(lockouts.isLocked(HERE, "joe\n\"", "salt")).isFalse();

    configuration.set("chttpd_auth_lockout", "mode", "enforce", false);
    assertThat(lockouts.isLocked(HERE, "joe\n\"", "salt")).isTrue();

    configuration.set("chttpd_auth_lockout", "mode", "off", false);
    assertThat(lockouts.isLocked(HERE, "joe\n\"", "salt")).isFalse();
    fail("ann", 9);
    configuration.set("chttpd_auth_lockout", "mode", "enforce", false);
    assertThat(lockouts.isLocked(HERE, "ann", "salt")).isFalse();
  }

  @Test
  void failed_manyNames_areBounded() {
    fail("joe", 5);
    fail("a", 1);
    fail("b", 1);
    fail("c", 1);

    assertThat(lockouts.isLocked(HERE, "joe", "salt")).isFalse();
  }
}
