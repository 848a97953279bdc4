package io.divan.api;

import io.divan.Http;
import io.divan.SharedService;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** {@code _revs_diff} and {@code _missing_revs}. */
@ExtendWith(SharedService.class)
class RevsDiffTest {

  @Test
  void conversation_aboutRevsDiff(Http http) {
    Conversations.hold("revs-diff", http);
  }

  @Test
  void conversation_aboutMissingRevs(Http http) {
    Conversations.hold("missing-revs", http);
  }
}
