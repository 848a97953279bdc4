package io.divan.api;

import io.divan.Http;
import io.divan.SharedService;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Credentials are refused, because there are no users. */
@ExtendWith(SharedService.class)
class CredentialsTest {

  @Test
  void conversation_aboutCredentials(Http http) {
    Conversations.hold("credentials", http);
  }
}
