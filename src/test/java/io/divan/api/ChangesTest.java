package io.divan.api;

import io.divan.Http;
import io.divan.SharedService;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The changes there are. */
@ExtendWith(SharedService.class)
class ChangesTest {

  @Test
  void conversation_aboutChanges(Http http) {
    Conversations.hold("changes", http);
  }
}
