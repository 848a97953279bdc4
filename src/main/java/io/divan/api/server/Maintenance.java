package io.divan.api.server;

import io.divan.configuration.RuntimeConfiguration;
import io.divan.configuration.RuntimeConfiguration.Trait;
import io.divan.configuration.Setting;
import io.divan.configuration.ValueType;
import java.util.Optional;
import org.springframework.stereotype.Component;

/**
 * {@code couchdb/maintenance_mode}: takes this instance out of a load balancer's rotation. {@code
 * _up} and readiness report it. All requests are still served.
 */
@Component
public final class Maintenance {

  /** CouchDB's modes. */
  enum Mode {
    FALSE(""),
    TRUE("maintenance_mode"),
    NOLB("nolb");

    private final String status;

    Mode(String status) {
      this.status = status;
    }
  }

  private final Setting<Mode> mode;

  Maintenance(RuntimeConfiguration configuration, NodeProperties properties) {
    this.mode =
        configuration.declare(
            "couchdb",
            "maintenance_mode",
            "divan.server.maintenance-mode",
            ValueType.oneOf(Mode.class),
            properties.maintenanceMode(),
            Trait.CHANGEABLE);
  }

  /** The status that {@code _up} reports; empty if the instance is in rotation. */
  public Optional<String> status() {
    return Optional.of(mode.get().status).filter(status -> !status.isEmpty());
  }
}
