package io.divan.api.http;

import static org.assertj.core.api.Assertions.assertThat;

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
    RequestBodies bodies =
        new RequestBodies(new Binder(settings).bindOrCreate("divan.http", HttpProperties.class));
    MockHttpServletRequest request = new MockHttpServletRequest("POST", "/db/_bulk_docs");
    request.setContent("{}".getBytes(StandardCharsets.UTF_8));

    try (SpooledBody body = bodies.spool(request)) {
      assertThat(body.isInMemory()).isTrue();
    }
  }
}
