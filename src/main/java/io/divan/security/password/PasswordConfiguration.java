package io.divan.security.password;

import io.divan.configuration.RuntimeConfiguration;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.InstantSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The beans that hash and check passwords. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({PasswordProperties.class, LockoutProperties.class})
class PasswordConfiguration {

  @Bean(destroyMethod = "close")
  PasswordHasher passwordHasher(
      RuntimeConfiguration configuration, PasswordProperties properties) {
    return new PasswordHasher(
        PasswordSettings.declare(configuration, properties),
        HashingPool.Limits.DEFAULTS,
        InstantSource.system());
  }

  @Bean
  MeterBinder passwordMeters(PasswordHasher hasher) {
    return hasher::bindTo;
  }

  @Bean
  PasswordRules passwordRules(RuntimeConfiguration configuration, PasswordProperties properties) {
    return PasswordRules.declare(configuration, properties);
  }

  @Bean
  Lockouts lockouts(RuntimeConfiguration configuration, LockoutProperties properties) {
    return Lockouts.declare(configuration, properties, InstantSource.system());
  }
}
