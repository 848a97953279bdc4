package io.divan.operations;

import java.net.InetAddress;
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
@EnableConfigurationProperties(AdminProperties.class)
class StartUpChecks {

  @Bean
  @Order(Ordered.HIGHEST_PRECEDENCE)
  WebServerFactoryCustomizer<ConfigurableServletWebServerFactory> loopbackOnly(
      ServerProperties server, AdminProperties admin) {
    check(server.getAddress(), admin);
    return factory -> {};
  }

  static void check(InetAddress address, AdminProperties admin) {
    if (admin.isGiven()) {
      throw new StartRefused(
          "divan.admin is configured, but this version knows no users and would ask nobody for a"
              + " password.",
          "Remove divan.admin.");
    }
    if (address == null || !address.isLoopbackAddress()) {
      throw new StartRefused(
          "server.address is not a loopback address, but this version asks nobody for a password.",
          "Set server.address to 127.0.0.1.");
    }
  }
}
