package io.divan.api;

import io.divan.Http;
import io.divan.SharedService;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Single documents, including design and local documents. */
@ExtendWith(SharedService.class)
class DocumentTest {

  @Test
  void conversation_aboutWriting(Http http) {
    Conversations.hold("documents-write", http);
  }

  @Test
  void conversation_aboutReading(Http http) {
    Conversations.hold("documents-read", http);
  }

  @Test
  void conversation_aboutJson(Http http) {
    Conversations.hold("documents-json", http);
  }
}
