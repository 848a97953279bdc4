package io.divan.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.configuration.RuntimeConfiguration;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The algorithms of generated ids, at a clock that stands still. */
class UuidsTest {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.678901Z");

  private final RuntimeConfiguration configuration = new RuntimeConfiguration();
  private final Uuids uuids =
      new Uuids(
          configuration,
          new UuidProperties(Uuids.Algorithm.SEQUENTIAL, "", 10),
          Clock.fixed(NOW, ZoneOffset.UTC));

  private List<String> some(String algorithm) {
    configuration.set("uuids", "algorithm", algorithm, false);
    return Stream.generate(uuids::next).limit(20_000).toList();
  }

  @Test
  void sequential_consecutive_growAndKeepTheirPrefixForLong() {
    List<String> ids = some("sequential");

    assertThat(ids).allMatch(id -> id.matches("[0-9a-f]{32}")).doesNotHaveDuplicates();
    Set<String> prefixes = new HashSet<>();
    ids.forEach(id -> prefixes.add(id.substring(0, 26)));
    assertThat(prefixes.size()).isBetween(2, 10);
    assertThat(ids.subList(0, 4_000)).isSorted();
  }

  @Test
  void utcId_clockStandsStill_countsMicrosecondsOn() {
    configuration.set("uuids", "utc_id_suffix", "@a", false);

    List<String> ids = some("utc_id");

    long micros = 1_767_323_045_678_901L;
    assertThat(ids.getFirst()).isEqualTo("%014x@a".formatted(micros));
    assertThat(ids.getLast()).isEqualTo("%014x@a".formatted(micros + 19_999));
  }

  @Test
  void utcRandom_clockStandsStill_isSorted() {
    assertThat(some("utc_random")).allMatch(id -> id.matches("[0-9a-f]{32}")).isSorted();
  }

  @Test
  void uuidV7_fixedTime_hasTimeVersionAndVariant() {
    String time = "%012x".formatted(NOW.toEpochMilli());

    assertThat(some("uuid_v7"))
        .allMatch(id -> id.matches(time + "7[0-9a-f]{3}[89ab][0-9a-f]{15}"))
        .doesNotHaveDuplicates();
  }

  @Test
  void random_any_isNeverTheSame() {
    assertThat(some("random"))
        .allMatch(id -> id.matches("[0-9a-f]{32}"))
        .doesNotHaveDuplicates();
  }
}
