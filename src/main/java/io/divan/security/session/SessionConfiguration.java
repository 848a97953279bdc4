package io.divan.security.session;

import io.divan.configuration.RuntimeConfiguration;
import io.divan.storage.StorageAdapter;
import java.time.InstantSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The beans of sessions. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(SessionProperties.class)
class SessionConfiguration {

  @Bean
  SessionSettings sessionSettings(
      RuntimeConfiguration configuration, SessionProperties properties) {
    return SessionSettings.declare(configuration, properties);
  }

  /** Spring closes this bean before the storage. */
  @Bean(initMethod = "start", destroyMethod = "close")
  SessionSecrets sessionSecrets(StorageAdapter adapter, SessionSettings settings) {
    return new SessionSecrets(
        new SecretsRow(adapter::system), settings, InstantSource.system());
  }

  @Bean
  SessionCookies sessionCookies(SessionSecrets secrets, SessionSettings settings) {
    return new SessionCookies(secrets, settings);
  }
}
