package io.divan.api.http;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.catalina.connector.Connector;
import org.apache.coyote.http11.AbstractHttp11Protocol;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.ApplicationContext;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/**
 * Drains the service before it stops: for the drain time it still serves requests, each response
 * with {@code Connection: close}, so that load balancers and clients move to other instances.
 * Readiness is down by then, and waiting feeds have ended. Afterwards the connector closes, which
 * sends GOAWAY to HTTP/2 clients, and requests in flight have their grace period.
 */
@Component
final class Drain implements WebServerFactoryCustomizer<TomcatServletWebServerFactory> {
  private static final Logger LOG = LoggerFactory.getLogger(Drain.class);

  private final ApplicationContext context;
  private final Duration time;
  private final List<Connector> connectors = new CopyOnWriteArrayList<>();

  Drain(ApplicationContext context, HttpProperties properties) {
    this.context = context;
    this.time = properties.drainTime();
  }

  @Override
  public void customize(TomcatServletWebServerFactory factory) {
    factory.addConnectorCustomizers(connectors::add);
  }

  /** Called after readiness has fallen and before any part of the service stops. */
  @EventListener
  @Order(Ordered.LOWEST_PRECEDENCE)
  void drain(ContextClosedEvent event) throws InterruptedException {
    if (event.getApplicationContext() != context) {
      return; // the management port's context, whose events arrive here too
    }
    for (Connector connector : connectors) {
      if (connector.getProtocolHandler() instanceof AbstractHttp11Protocol<?> http) {
        http.setMaxKeepAliveRequests(1); // Tomcat then sends Connection: close
      }
    }
    if (time.isPositive()) {
      LOG.info("Draining: new requests are served for another {} s", time.toMillis() / 1e3);
      Thread.sleep(time);
    }
  }
}
