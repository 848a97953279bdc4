package io.divan.api;

import io.divan.Http;
import io.divan.SharedService;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The resources of the server, and those that are not implemented. */
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
  void conversation_aboutWhatIsNotImplemented(Http http) {
    Conversations.holdWithOurs("not-served", http);
  }
}
