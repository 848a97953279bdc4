package io.divan.api.server;

import io.divan.configuration.RuntimeConfiguration;
import io.divan.configuration.RuntimeConfiguration.Trait;
import io.divan.configuration.Setting;
import io.divan.configuration.ValueType;
import io.divan.document.Databases;
import java.util.Optional;
import java.util.regex.Pattern;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/** The settings of the server that belong to no other part, and those that are only shown. */
@Component
@EnableConfigurationProperties(NodeProperties.class)
final class NodeSettings {

  /** The name that {@code /} returns as the vendor's. */
  static final String VENDOR = "Divan";

  private static final Pattern UUID_SYNTAX = Pattern.compile("[\\x21-\\x7e]{1,128}");

  private static final ValueType<String> UUID =
      new ValueType<>(
          text -> {
            if (!UUID_SYNTAX.matcher(text).matches()) {
              throw new ValueType.InvalidValue("must be 1 to 128 visible ASCII characters");
            }
            return text;
          },
          text -> text);

  private final Setting<String> uuid;

  NodeSettings(
      RuntimeConfiguration configuration,
      Databases databases,
      NodeProperties properties,
      Environment environment) {
    uuid =
        configuration.declare(
            "couchdb",
            "uuid",
            "divan.server.uuid",
            UUID,
            Optional.ofNullable(properties.uuid()).orElseGet(databases::serverUuid),
            Trait.CHANGEABLE);
    configuration.declare("vendor", "name", "", ValueType.TEXT, VENDOR);
    show(configuration, environment, "chttpd", "port", "server.port");
    show(configuration, environment, "chttpd", "bind_address", "server.address");
    show(configuration, environment, "couchdb", "database_dir", "divan.storage.directory");
  }

  private static void show(
      RuntimeConfiguration configuration,
      Environment environment,
      String section,
      String key,
      String property) {
    configuration.declare(
        section, key, property, ValueType.TEXT, environment.getProperty(property, ""));
  }

  /** The id that {@code /} returns. */
  Setting<String> uuid() {
    return uuid;
  }
}
