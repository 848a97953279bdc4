package io.divan.api.http;

import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Headers of all responses.
 *
 * @param serverHeaderVersions whether the {@code Server} header contains the version
 * @param frameOptions which pages may show responses in a frame
 */
@ConfigurationProperties("divan.http")
record HeaderProperties(
    @DefaultValue("false") boolean serverHeaderVersions,
    @DefaultValue FrameOptions frameOptions) {

  /**
   * The header {@code X-Frame-Options}.
   *
   * @param enabled whether the header is sent
   * @param sameOrigin whether pages of the service's own origin may show responses in a frame
   * @param hosts the hosts for which the header names the host itself, such as {@code
   *     https://db.example.org}, or {@code *} for all. Present browsers ignore such a header.
   */
  record FrameOptions(
      @DefaultValue("false") boolean enabled,
      @DefaultValue("false") boolean sameOrigin,
      @DefaultValue List<String> hosts) {}
}
