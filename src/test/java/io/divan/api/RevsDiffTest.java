package io.divan.api;

import io.divan.Http;
import io.divan.SharedService;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Which revisions are missing. */
@ExtendWith(SharedService.class)
class RevsDiffTest {

  @Test
  void conversation_aboutMissingRevisions(Http http) {
    Conversations.hold("revs-diff", http);
  }

  @Test
  void conversation_aboutTheOlderForm(Http http) {
    Conversations.hold("missing-revs", http);
  }
}
