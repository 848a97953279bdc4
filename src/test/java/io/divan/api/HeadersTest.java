package io.divan.api;

import io.divan.Http;
import io.divan.SharedService;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What clients say in headers, and what they are told in them. */
@ExtendWith(SharedService.class)
class HeadersTest {

  @Test
  void conversation_aboutHeaders(Http http) {
    Conversations.hold("headers", http);
  }
}
