package io.divan.storage.sqlite.pages;

import io.divan.storage.SingleCarrier;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many virtual threads use connections in a process with a single carrier. */
class JdbcCarrierTest {
  @TempDir Path directory;

  @Test
  void virtualThreads_singleCarrier_allEnd() throws Exception {
    SingleCarrier.run(JdbcCarrierChild.class, directory.toString());
  }
}
