package io.divan.api;

import io.divan.Http;
import io.divan.SharedService;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Databases as a whole, and documents created by POST to one. */
@ExtendWith(SharedService.class)
class DatabaseTest {

  @Test
  void conversation_aboutDatabases(Http http) {
    Conversations.hold("databases", http);
  }
}
