package io.divan.operations;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ProgressTest {

  private static final String ERASE = "\r\u001b[K";

  private final ByteArrayOutputStream output = new ByteArrayOutputStream();
  private final PrintStream err = new PrintStream(output, true, StandardCharsets.UTF_8);
  private long nanos = 5;

  private Progress progress(boolean shown) {
    return new Progress("db", err, shown, () -> nanos);
  }

  private void pass(long millis) {
    nanos += millis * 1_000_000;
  }

  private String output() {
    String text = output.toString(StandardCharsets.UTF_8);
    output.reset();
    return text;
  }

  @Test
  void at_aSecondPassed_showsRate() {
    Progress progress = progress(true);
    pass(999);
    progress.at(10_000);
    assertThat(output()).isEmpty();
    pass(1_001);
    progress.at(90_000);
    assertThat(output()).isEqualTo(ERASE + "db: 90,000 rows, 45,000 rows/s");
    pass(999);
    progress.at(95_000);
    assertThat(output()).isEmpty();
  }

  @Test
  void end_afterOutput_erasesLine() {
    Progress progress = progress(true);
    progress.end();
    assertThat(output()).isEmpty();
    pass(1_000);
    progress.at(1);
    output();
    progress.end();
    progress.end();
    assertThat(output()).isEqualTo(ERASE);
  }

  @Test
  void at_notShown_silent() {
    Progress progress = progress(false);
    pass(5_000);
    progress.at(1);
    progress.end();
    assertThat(output()).isEmpty();
  }
}
