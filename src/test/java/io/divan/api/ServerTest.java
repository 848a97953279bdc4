package io.divan.api;

import io.divan.Http;
import io.divan.SharedService;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What belongs to the server as a whole, and what is not served yet. */
@ExtendWith(SharedService.class)
class ServerTest {

  @Test
  void conversation_aboutTheServer(Http http) {
    Conversations.hold("server", http);
  }

  @Test
  void conversation_aboutSystemDatabases(Http http) {
    Conversations.holdWithOurs("system-databases", http);
  }

  @Test
  void conversation_aboutWhatIsNotServed(Http http) {
    Conversations.holdWithOurs("not-served", http);
  }
}
