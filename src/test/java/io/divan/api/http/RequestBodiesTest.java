package io.divan.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.configuration.RuntimeConfiguration;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.mock.web.MockHttpServletRequest;

class RequestBodiesTest {

  @Test
  void spool_bufferOfGigabytes_keepsASmallBodyInMemory() throws Exception {
    MapConfigurationPropertySource settings = new MapConfigurationPropertySource();
    settings.put("divan.http.max-buffered-size", "3GB");
    Binder binder = new Binder(settings);
    HttpProperties http = binder.bindOrCreate("divan.http", HttpProperties.class);
    LimitProperties limits = binder.bindOrCreate("divan.limits", LimitProperties.class);
    RequestBodies bodies =
        new RequestBodies(http, new RequestLimits(new RuntimeConfiguration(), http, limits));
    MockHttpServletRequest request = new MockHttpServletRequest("POST", "/db/_bulk_docs");
    request.setContent("{}".getBytes(StandardCharsets.UTF_8));

    try (SpooledBody body = bodies.spool(request)) {
      assertThat(body.isInMemory()).isTrue();
    }
  }
}
