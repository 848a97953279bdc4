package io.divan.api;

import io.divan.Http;
import io.divan.SharedService;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The listing of all documents. */
@ExtendWith(SharedService.class)
class AllDocsTest {

  @Test
  void conversation_aboutListing(Http http) {
    Conversations.hold("all-docs", http);
  }
}
