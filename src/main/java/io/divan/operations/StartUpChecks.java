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
 * Until there are users and roles, everybody who reaches the service may do everything: so only
 * this machine may reach it.
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
          "divan.admin is configured, but this version knows no users and would ask nobody for a"
              + " password.",
          "Remove divan.admin.");
    }
  }

  private static void refuseUnlessLoopback(String setting, Optional<InetAddress> address) {
    if (!address.map(InetAddress::isLoopbackAddress).orElse(false)) {
      throw new StartRefused(
          setting + " is not a loopback address, but this version asks nobody for a password.",
          "Set " + setting + " to 127.0.0.1.");
    }
  }
}
