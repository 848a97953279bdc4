package io.divan.api.http;

import io.divan.configuration.RuntimeConfiguration;
import io.divan.configuration.RuntimeConfiguration.Trait;
import io.divan.configuration.Setting;
import io.divan.configuration.ValueType;
import java.util.List;
import org.springframework.stereotype.Component;

/** The settings of the {@code Server} and {@code X-Frame-Options} headers, as in CouchDB. */
@Component
final class HeaderSettings {
  private static final String FRAME_SECTION = "x_frame_options";
  private static final String FRAME_PROPERTY = "divan.http.frame-options.";
  private static final String SERVER = "Divan";
  private static final String SERVER_WITH_VERSION = SERVER + "/" + Versions.DIVAN;

  private final Setting<Boolean> serverHasVersion;
  private final Setting<Boolean> frameOptions;
  private final Setting<Boolean> frameSameOrigin;
  private final Setting<List<String>> frameHosts;

  HeaderSettings(RuntimeConfiguration configuration, HeaderProperties properties) {
    HeaderProperties.FrameOptions frames = properties.frameOptions();
    serverHasVersion =
        configuration.declare(
            "chttpd",
            "server_header_versions",
            "divan.http.server-header-versions",
            ValueType.BOOLEAN,
            properties.serverHeaderVersions(),
            Trait.CHANGEABLE);
    frameOptions =
        configuration.declare(
            "chttpd",
            "enable_xframe_options",
            FRAME_PROPERTY + "enabled",
            ValueType.BOOLEAN,
            frames.enabled(),
            Trait.CHANGEABLE);
    frameSameOrigin =
        configuration.declare(
            FRAME_SECTION,
            "same_origin",
            FRAME_PROPERTY + "same-origin",
            ValueType.BOOLEAN,
            frames.sameOrigin(),
            Trait.CHANGEABLE);
    frameHosts =
        configuration.declare(
            FRAME_SECTION,
            "hosts",
            FRAME_PROPERTY + "hosts",
            ValueType.WORDS,
            frames.hosts(),
            Trait.CHANGEABLE);
  }

  /** The value of the {@code Server} header. */
  String server() {
    return serverHasVersion.get() ? SERVER_WITH_VERSION : SERVER;
  }

  /** Whether responses have the header {@code X-Frame-Options}. */
  boolean hasFrameOptions() {
    return frameOptions.get();
  }

  /**
   * The value of {@code X-Frame-Options}.
   *
   * @param origin the scheme and host that the client used
   */
  String frameOptions(String origin) {
    if (frameSameOrigin.get()) {
      return "SAMEORIGIN";
    }
    List<String> hosts = frameHosts.get();
    return hosts.equals(List.of("*")) || hosts.contains(origin) ? "ALLOW-FROM " + origin : "DENY";
  }
}
