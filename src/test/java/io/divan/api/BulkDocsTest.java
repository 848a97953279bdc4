package io.divan.api;

import io.divan.Http;
import io.divan.SharedService;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Many edits in one request. */
@ExtendWith(SharedService.class)
class BulkDocsTest {

  @Test
  void conversation_aboutBatches(Http http) {
    Conversations.hold("bulk-docs", http);
  }
}
