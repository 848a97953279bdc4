package io.divan.api.http;

import java.time.Duration;
import java.util.Optional;
import org.apache.catalina.connector.Connector;
import org.apache.coyote.UpgradeProtocol;
import org.apache.coyote.http2.Http2Protocol;
import org.springframework.boot.tomcat.autoconfigure.TomcatServerProperties;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.Http2;
import org.springframework.boot.web.server.Ssl;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * HTTP/2, over TLS only. It has the timeouts of HTTP/1.1, and all streams of a connection run at
 * once: feeds wait for hours, and a browser sends all its requests on one connection.
 */
@Configuration(proxyBeanMethods = false)
class Http2Configuration {

  @Bean
  WebServerFactoryCustomizer<TomcatServletWebServerFactory> couchLikeHttp2(
      TomcatServerProperties tomcat) {
    return factory -> {
      if (!Ssl.isEnabled(factory.getSsl())) {
        Http2 off = new Http2(); // Tomcat would also speak HTTP/2 without TLS
        off.setEnabled(false);
        factory.setHttp2(off);
      }
      factory.addConnectorCustomizers(connector -> customize(connector, tomcat));
    };
  }

  private static void customize(Connector connector, TomcatServerProperties tomcat) {
    for (UpgradeProtocol protocol : connector.findUpgradeProtocols()) {
      if (protocol instanceof Http2Protocol http2) {
        http2.setMaxConcurrentStreamExecution(Math.toIntExact(http2.getMaxConcurrentStreams()));
        Optional.ofNullable(tomcat.getConnectionTimeout())
            .map(Duration::toMillis)
            .ifPresent(
                millis -> {
                  http2.setStreamReadTimeout(millis);
                  http2.setStreamWriteTimeout(millis);
                });
        Optional.ofNullable(tomcat.getKeepAliveTimeout())
            .map(Duration::toMillis)
            .ifPresent(http2::setKeepAliveTimeout);
      }
    }
  }
}
