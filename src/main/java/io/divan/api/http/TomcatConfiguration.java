package io.divan.api.http;

import org.apache.catalina.core.StandardHost;
import org.apache.coyote.ContinueResponseTiming;
import org.apache.tomcat.util.buf.EncodedSolidusHandling;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** What of Tomcat would answer otherwise than CouchDB, and no property changes. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(HttpProperties.class)
class TomcatConfiguration {

  @Bean
  WebServerFactoryCustomizer<TomcatServletWebServerFactory> couchLikeTomcat(
      HttpProperties properties, Environment environment) {
    boolean limited =
        Binder.get(environment).bind("server.tomcat.max-connections", String.class).isBound();
    return factory -> {
      if (!limited) {
        // Spring's own customizer has come before, with what is usual for Spring.
        factory.addConnectorCustomizers(
            connector -> connector.setProperty(
                "maxConnections", Integer.toString(properties.connections())));
      }
      factory.addConnectorCustomizers(
          connector -> {
            // Names and ids may contain slashes, sent as %2F, and backslashes, sent as %5C.
            connector.setEncodedSolidusHandling(EncodedSolidusHandling.PASS_THROUGH.getValue());
            connector.setAllowBackslash(true);
            // A client that waits for 100 before it sends its body is told at once if it need not.
            connector.setProperty(
                "continueResponseTiming", ContinueResponseTiming.ON_REQUEST_BODY_READ.toString());
          });
      factory.addContextCustomizers(
          context -> ((StandardHost) context.getParent())
              .setErrorReportValveClass(JsonErrorReportValve.class.getName()));
    };
  }
}
