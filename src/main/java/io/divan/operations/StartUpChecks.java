package io.divan.operations;

import io.divan.security.Administrators;
import io.divan.security.Exposure;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.actuate.autoconfigure.endpoint.web.WebEndpointProperties;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementServerProperties;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.server.servlet.ConfigurableServletWebServerFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * Refuses to expose a service without administrators: everybody who reached it would be one. On
 * loopback such a service starts, with a warning. Also refuses settings that would undo
 * permissions.
 */
@Configuration(proxyBeanMethods = false)
class StartUpChecks {
  private static final Logger LOG = LoggerFactory.getLogger(StartUpChecks.class);

  /** The permissions of actuator endpoints depend on their paths, so these are fixed. */
  @Bean
  @Order(Ordered.HIGHEST_PRECEDENCE)
  WebServerFactoryCustomizer<ConfigurableServletWebServerFactory> actuatorPaths(
      WebEndpointProperties endpoints, ManagementServerProperties management) {
    refuseUnless(
        endpoints.getBasePath().equals("/actuator"),
        "management.endpoints.web.base-path",
        "/actuator");
    refuseUnless(
        endpoints.getPathMapping().isEmpty(), "management.endpoints.web.path-mapping", "nothing");
    refuseUnless(
        management.getBasePath().isEmpty(), "management.server.base-path", "nothing");
    return factory -> {};
  }

  private static void refuseUnless(boolean accepted, String setting, String value) {
    if (!accepted) {
      throw new StartRefused(
          setting + " must be " + value + ": permissions depend on it.",
          "Remove " + setting + ".");
    }
  }

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
