package io.divan.api;

import io.divan.Http;
import io.divan.SharedService;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The settings and the maintenance of a database. */
@ExtendWith(SharedService.class)
class MaintenanceTest {

  @Test
  void conversation_aboutSettings(Http http) {
    Conversations.hold("settings", http);
  }

  @Test
  void conversation_aboutMaintenance(Http http) {
    Conversations.hold("maintenance", http);
  }

  @Test
  void conversation_aboutPurges(Http http) {
    Conversations.hold("purges", http);
  }
}
