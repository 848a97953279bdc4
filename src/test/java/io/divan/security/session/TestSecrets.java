package io.divan.security.session;

import io.divan.configuration.RuntimeConfiguration;
import io.divan.storage.ReferenceAdapter;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;

/** Secrets in a system store of their own. */
public final class TestSecrets {

  private TestSecrets() {}

  /** Creates secrets with a configured one. */
  public static SessionSecrets of(RuntimeConfiguration configuration, String secret) {
    ReferenceAdapter adapter = new ReferenceAdapter();
    SessionSettings settings =
        SessionSettings.declare(
            configuration,
            new SessionProperties(
                secret, Duration.ofMinutes(10), List.of("sha256", "sha"), true, "", ""));
    return new SessionSecrets(
        new SecretsRow(adapter::system), settings, InstantSource.system());
  }
}
