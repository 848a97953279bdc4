package io.divan.logging;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.storage.Trace;
import io.divan.storage.TransactionListener;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

/** The id of a request on the lines of work that it starts. */
class LogContextTest {
  private final List<String> seen = new ArrayList<>();

  private void look() {
    seen.add(MDC.get(LogContext.REQUEST) + " " + Trace.current().map(Trace::request).orElse("-"));
  }

  @Test
  void carrying_withinARequest_namesItOnAnotherThread() throws InterruptedException {
    Runnable work =
        new Trace("mine", TransactionListener.NONE)
            .call(() -> LogContext.carrying(this::look));
    Thread.ofVirtual()
        .start(
            () -> {
              work.run();
              look();
            })
        .join();

    assertThat(seen).containsExactly("mine mine", "null -");
  }

  @Test
  void carrying_outsideOfARequest_changesNothing() {
    LogContext.carrying(this::look).run();

    assertThat(seen).containsExactly("null -");
  }

  @Test
  void run_restoresTheFormerRequest() {
    LogContext.run("outer", () -> {
      LogContext.run("inner", this::look);
      look();
    });

    assertThat(seen).containsExactly("inner -", "outer -");
    assertThat(MDC.get(LogContext.REQUEST)).isNull();
  }
}
