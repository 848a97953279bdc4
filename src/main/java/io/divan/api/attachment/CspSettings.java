package io.divan.api.attachment;

import io.divan.configuration.RuntimeConfiguration;
import io.divan.configuration.RuntimeConfiguration.Trait;
import io.divan.configuration.Setting;
import io.divan.configuration.ValueType;
import java.util.Optional;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.stereotype.Component;

/** The settings of the header {@code Content-Security-Policy} of attachments, as in CouchDB. */
@Component
@EnableConfigurationProperties(CspProperties.class)
final class CspSettings {
  private static final String SECTION = "csp";
  private static final String PROPERTY = "divan.http.csp.";

  private final Setting<Boolean> enabled;
  private final Setting<String> header;

  CspSettings(RuntimeConfiguration configuration, CspProperties properties) {
    enabled =
        configuration.declare(
            SECTION,
            "attachments_enable",
            PROPERTY + "attachments-enabled",
            ValueType.BOOLEAN,
            properties.attachmentsEnabled(),
            Trait.CHANGEABLE);
    header =
        configuration.declare(
            SECTION,
            "attachments_header_value",
            PROPERTY + "attachments-header",
            ValueType.TEXT,
            properties.attachmentsHeader(),
            Trait.CHANGEABLE);
  }

  /** The value of the header; empty for responses without it. */
  Optional<String> attachments() {
    return enabled.get() ? Optional.of(HeaderText.line(header.get())) : Optional.empty();
  }
}
