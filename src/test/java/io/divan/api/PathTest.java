package io.divan.api;

import io.divan.Http;
import io.divan.SharedService;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The parsing of paths and query strings. */
@ExtendWith(SharedService.class)
class PathTest {

  @Test
  void conversation_aboutPaths(Http http) {
    Conversations.hold("paths", http);
  }
}
