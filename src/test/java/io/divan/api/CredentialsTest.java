package io.divan.api;

import io.divan.Http;
import io.divan.Service;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Names and passwords of a service with one administrator. */
class CredentialsTest {

  @TempDir Path directory;

  @Test
  void conversation_aboutCredentials() {
    try (Service service =
        Service.start(
            directory,
            "--divan.admins.admin=secret",
            "--divan.authentication.iterations=1",
            "--divan.lockout.mode=off")) {
      Conversations.hold(
          "credentials", new Http("http://admin:secret@127.0.0.1:" + service.port()));
    }
  }
}
