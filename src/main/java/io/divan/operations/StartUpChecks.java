package io.divan.operations;

import java.net.InetAddress;
import java.util.Optional;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementServerProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.boot.web.server.servlet.ConfigurableServletWebServerFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * Refuses configurations that would expose the service to other machines. Without users and roles,
 * every client that can connect has full access, so the service listens on loopback only.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({AdminProperties.class, ManagementServerProperties.class})
class StartUpChecks {

  @Bean
  @Order(Ordered.HIGHEST_PRECEDENCE)
  WebServerFactoryCustomizer<ConfigurableServletWebServerFactory> loopbackOnly(
      ServerProperties server, ManagementServerProperties management, AdminProperties admin) {
    refuse(admin);
    refuseUnlessLoopback("server.address", Optional.ofNullable(server.getAddress()));
    if (management.getPort() != null) {
      refuseUnlessLoopback(
          "management.server.address", Optional.ofNullable(management.getAddress()));
    }
    return factory -> {};
  }

  private static void refuse(AdminProperties admin) {
    if (admin.isGiven()) {
      throw new StartRefused(
          "divan.admin is configured, but this version does not support users and passwords.",
          "Remove divan.admin.");
    }
  }

  private static void refuseUnlessLoopback(String setting, Optional<InetAddress> address) {
    if (!address.map(InetAddress::isLoopbackAddress).orElse(false)) {
      throw new StartRefused(
          setting + " is not a loopback address, but this version does not authenticate clients.",
          "Set " + setting + " to 127.0.0.1.");
    }
  }
}
