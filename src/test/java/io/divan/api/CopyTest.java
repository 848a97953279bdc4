package io.divan.api;

import io.divan.Http;
import io.divan.SharedService;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** {@code COPY}, and {@code batch=ok}. */
@ExtendWith(SharedService.class)
class CopyTest {

  @Test
  void conversation_aboutCopies(Http http) {
    Conversations.hold("copy", http);
  }
}
