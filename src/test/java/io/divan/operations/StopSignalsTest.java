package io.divan.operations;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class StopSignalsTest {
  private final BlockingQueue<String> calls = new LinkedBlockingQueue<>();
  private final StopSignals signals =
      new StopSignals(code -> calls.add("exit " + code), code -> calls.add("halt " + code));

  private String next() throws InterruptedException {
    return String.valueOf(calls.poll(30, TimeUnit.SECONDS));
  }

  @Test
  void received_firstSignal_exitsWithZero() throws Exception {
    signals.received("TERM", 15);

    assertThat(next()).isEqualTo("exit 0");
  }

  @Test
  void received_secondSignal_haltsWithTheSignalsCode(CapturedOutput output) throws Exception {
    signals.received("TERM", 15);
    assertThat(next()).isEqualTo("exit 0");

    signals.received("INT", 2);

    assertThat(next()).isEqualTo("halt 130");
    assertThat(output.getAll()).contains("second signal, SIGINT");
  }

  @Test
  void deadline_stopThatHangs_isHalted(CapturedOutput output) throws Exception {
    signals.deadline(Duration.ofMillis(1));

    signals.received("TERM", 15);

    assertThat(List.of(next(), next())).contains("halt 143");
    assertThat(output.getAll()).contains("the stop has taken longer than 0 s");
  }
}
