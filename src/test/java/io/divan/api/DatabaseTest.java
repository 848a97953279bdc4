package io.divan.api;

import io.divan.Http;
import io.divan.SharedService;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** {@code /{db}}: databases, and documents created by POST. */
@ExtendWith(SharedService.class)
class DatabaseTest {

  @Test
  void conversation_aboutDatabases(Http http) {
    Conversations.hold("databases", http);
  }
}
