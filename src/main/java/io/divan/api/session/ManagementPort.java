package io.divan.api.session;

import io.divan.api.http.JsonErrorReportValve;
import org.apache.catalina.core.StandardHost;
import org.apache.tomcat.util.buf.EncodedSolidusHandling;
import org.springframework.boot.actuate.autoconfigure.web.server.ConditionalOnManagementPort;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementPortType;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;

/**
 * The web server of a separate management port: its errors are JSON, and health shows details.
 * Spring Boot creates it in a context of its own, into which {@code
 * ManagementContextConfiguration.imports} imports this class. It must not be found by the component
 * scan of the service.
 */
@ConditionalOnManagementPort(ManagementPortType.DIFFERENT)
class ManagementPort {

  @Bean
  WebServerFactoryCustomizer<TomcatServletWebServerFactory> managementTomcat() {
    return factory -> {
      factory.addInitializers(
          context -> context.setAttribute(AuthenticationFilter.MANAGEMENT_PORT, true));
      // An encoded slash is a path like any other: 404 instead of Tomcat's 400.
      factory.addConnectorCustomizers(
          connector -> connector.setEncodedSolidusHandling(
              EncodedSolidusHandling.PASS_THROUGH.getValue()));
      factory.addContextCustomizers(
          context -> ((StandardHost) context.getParent())
              .setErrorReportValveClass(JsonErrorReportValve.class.getName()));
    };
  }
}
