package io.divan.api;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.divan.Http;
import io.divan.HttpAnswer;
import io.divan.Service;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** The header {@code X-Divan-Trace}. */
class TraceTest {
  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"redb", "sqlite", "memory"})
  void request_withTraceName_logsItsTransactions(String backend) {
    try (Service service =
        Service.start(
            directory,
            "--divan.storage.backend=" + backend,
            "--logging.level.io.divan.operations.TransactionTraces=info")) {
      ListAppender<ILoggingEvent> log = new ListAppender<>();
      Logger logger =
          (Logger) LoggerFactory.getLogger("io.divan.operations.TransactionTraces");
      log.start();
      logger.addAppender(log);
      try {
        Http http = service.http();
        String path = http.newDatabase();
        HttpAnswer put = http.put(path + "/a", "{}", "X-Divan-Trace: slow-put");
        HttpAnswer get = http.get(path + "/a", "X-Divan-Trace: get.1");
        http.get(path + "/a");

        assertThat(put.status()).isEqualTo(201);
        assertThat(put.header("X-Divan-Trace")).hasValue("slow-put");
        assertThat(get.header("X-Divan-Trace")).hasValue("get.1");
        List<String> lines = log.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
        assertThat(lines)
            .allMatch(line -> line.matches("Transaction (slow-put|get\\.1)-[0-9]+: .*"));
        assertThat(lines)
            .anyMatch(
                line -> line.matches(
                    "Transaction slow-put-[0-9]+: write done, attempts 1, conflicts 0,"
                        + " bytes [1-9][0-9]*, group 1, waited [0-9.]+ ms, worked [0-9.]+ ms,"
                        + " committed [0-9.]+ ms"))
            .anyMatch(line -> line.matches("Transaction get\\.1-[0-9]+: read done, .*"));
      } finally {
        logger.detachAppender(log);
      }
    }
  }

  @Test
  void name_invalid_isRefused() {
    try (Service service = Service.start(directory)) {
      String path = service.http().newDatabase();
      for (String name : List.of("a b", "\u00e9", "x".repeat(61), "../a")) {
        HttpAnswer answer = service.http().put(path + "/a", "{}", "X-Divan-Trace: " + name);
        assertThat(answer.status()).as(name).isEqualTo(400);
        assertThat(answer.text()).contains("\"bad_request\"", "X-Divan-Trace must be 1 to 60");
      }
      assertThat(service.http().get(path + "/a").status()).isEqualTo(404);
    }
  }
}
