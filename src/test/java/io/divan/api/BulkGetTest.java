package io.divan.api;

import io.divan.Http;
import io.divan.SharedService;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** {@code _bulk_get}. */
@ExtendWith(SharedService.class)
class BulkGetTest {

  @Test
  void conversation_aboutManyRevisions(Http http) {
    Conversations.hold("bulk-get", http);
  }
}
