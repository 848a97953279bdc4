package io.divan.api.http;

import io.divan.logging.LogSettings;
import org.apache.catalina.core.StandardHost;
import org.apache.coyote.ContinueResponseTiming;
import org.apache.tomcat.util.buf.EncodedSolidusHandling;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.util.function.SingletonSupplier;

/**
 * Changes defaults of Tomcat that would make Divan behave unlike CouchDB and have no property. Also
 * computes the default of {@code server.tomcat.max-connections}.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({
  CorsProperties.class, HeaderProperties.class, HttpProperties.class, LimitProperties.class,
  ProxyProperties.class, UuidProperties.class})
class TomcatConfiguration {

  @Bean
  WebServerFactoryCustomizer<TomcatServletWebServerFactory> couchLikeTomcat(
      HttpProperties properties,
      Environment environment,
      RunningRequests running,
      ObjectProvider<LogSettings> logSettings,
      ObjectProvider<TrustedProxies> proxies) {
    boolean configured =
        Binder.get(environment).bind("server.tomcat.max-connections", String.class).isBound();
    boolean isTracing = environment.getProperty("divan.tracing.enabled", Boolean.class, false);
    return factory -> {
      if (!configured) {
        // Overrides the default of Spring's own customizer, which runs earlier.
        factory.addConnectorCustomizers(
            connector -> connector.setProperty(
                "maxConnections", Integer.toString(properties.connections())));
      }
      factory.addConnectorCustomizers(
          connector -> {
            // Names and ids may contain slashes (%2F) and backslashes (%5C).
            connector.setEncodedSolidusHandling(EncodedSolidusHandling.PASS_THROUGH.getValue());
            connector.setAllowBackslash(true);
            // The most bytes of one call that writes to a socket. The default, 8 KB, takes half as
            // much CPU time again for a large attachment.
            connector.setProperty("socket.appWriteBufSize", "32768");
            // Sends status 100 only when the body is read: a refused request's body never is.
            connector.setProperty(
                "continueResponseTiming", ContinueResponseTiming.ON_REQUEST_BODY_READ.toString());
          });
      factory.addEngineValves(
          new RequestValve(
              running,
              SingletonSupplier.of(logSettings::getObject),
              SingletonSupplier.of(() -> new ProxyContext(proxies.getObject(), isTracing))));
      factory.addContextCustomizers(
          context -> ((StandardHost) context.getParent())
              .setErrorReportValveClass(JsonErrorReportValve.class.getName()));
    };
  }
}
