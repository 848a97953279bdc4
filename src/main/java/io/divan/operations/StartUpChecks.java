package io.divan.operations;

import io.divan.security.Administrators;
import io.divan.security.Exposure;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.server.servlet.ConfigurableServletWebServerFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * Refuses to expose a service without administrators: everybody who reached it would be one. On
 * loopback such a service starts, with a warning.
 */
@Configuration(proxyBeanMethods = false)
class StartUpChecks {
  private static final Logger LOG = LoggerFactory.getLogger(StartUpChecks.class);

  @Bean
  @Order(Ordered.HIGHEST_PRECEDENCE)
  WebServerFactoryCustomizer<ConfigurableServletWebServerFactory> administratorBeyondLoopback(
      Exposure exposure, Administrators administrators) {
    if (!administrators.exist()) {
      exposure
          .setting()
          .ifPresent(
              setting -> {
                throw new StartRefused(
                    setting + " is not a loopback address, but there is no administrator, so that"
                        + " everybody could do everything.",
                    "Set a password as divan.admins.NAME, or " + setting + " to 127.0.0.1.");
              });
      LOG.warn(
          "There is no administrator: everybody on this machine may do everything. Set a password"
              + " as divan.admins.NAME.");
    }
    return factory -> {};
  }
}
