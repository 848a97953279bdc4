package io.divan.operations;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ProgressTest {

  private static final String ERASE = "\r\u001b[K";

  private final ByteArrayOutputStream told = new ByteArrayOutputStream();
  private final PrintStream err = new PrintStream(told, true, StandardCharsets.UTF_8);
  private long nanos = 5;

  private Progress progress(boolean shown) {
    return new Progress("db", err, shown, () -> nanos);
  }

  private void pass(long millis) {
    nanos += millis * 1_000_000;
  }

  private String told() {
    String text = told.toString(StandardCharsets.UTF_8);
    told.reset();
    return text;
  }

  @Test
  void at_aSecondPassed_rateTold() {
    Progress progress = progress(true);
    pass(999);
    progress.at(10_000);
    assertThat(told()).isEmpty();
    pass(1_001);
    progress.at(90_000);
    assertThat(told()).isEqualTo(ERASE + "db: 90,000 rows, 45,000 a second");
    pass(999);
    progress.at(95_000);
    assertThat(told()).isEmpty();
  }

  @Test
  void end_afterSomethingWasTold_removed() {
    Progress progress = progress(true);
    progress.end();
    assertThat(told()).isEmpty();
    pass(1_000);
    progress.at(1);
    told();
    progress.end();
    progress.end();
    assertThat(told()).isEqualTo(ERASE);
  }

  @Test
  void at_nobodyLooks_silent() {
    Progress progress = progress(false);
    pass(5_000);
    progress.at(1);
    progress.end();
    assertThat(told()).isEmpty();
  }
}
