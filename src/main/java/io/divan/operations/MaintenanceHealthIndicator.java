package io.divan.operations;

import io.divan.api.server.Maintenance;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.stereotype.Component;

/** Reports {@code couchdb/maintenance_mode} to probes. */
@Component
final class MaintenanceHealthIndicator implements HealthIndicator {
  private final Maintenance maintenance;

  MaintenanceHealthIndicator(Maintenance maintenance) {
    this.maintenance = maintenance;
  }

  @Override
  public Health health() {
    return maintenance.status()
        .map(status -> Health.outOfService().withDetail("mode", status).build())
        .orElseGet(() -> Health.up().build());
  }
}
