package io.divan.api;

import io.divan.Http;
import io.divan.SharedService;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** How paths and queries are read. */
@ExtendWith(SharedService.class)
class PathTest {

  @Test
  void conversation_aboutPaths(Http http) {
    Conversations.hold("paths", http);
  }
}
