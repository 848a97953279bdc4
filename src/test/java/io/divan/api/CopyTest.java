package io.divan.api;

import io.divan.Http;
import io.divan.SharedService;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Copies of documents, and edits that need not wait. */
@ExtendWith(SharedService.class)
class CopyTest {

  @Test
  void conversation_aboutCopies(Http http) {
    Conversations.hold("copy", http);
  }
}
