package io.divan.security.token;

import io.divan.configuration.RuntimeConfiguration;
import io.divan.security.session.SessionSecrets;
import java.time.InstantSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The beans that accept tokens of other systems. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({JwtProperties.class, ProxyProperties.class})
class TokenConfiguration {

  @Bean
  JsonWebTokens jsonWebTokens(RuntimeConfiguration configuration, JwtProperties properties) {
    return JsonWebTokens.declare(configuration, properties, InstantSource.system());
  }

  @Bean
  ProxyTokens proxyTokens(
      RuntimeConfiguration configuration, ProxyProperties properties, SessionSecrets secrets) {
    return ProxyTokens.declare(configuration, properties, secrets);
  }
}
