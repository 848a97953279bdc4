package io.divan.operations;

import io.divan.storage.Capability;
import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.stereotype.Component;

/** Whether storage answers one cheap real read; and what a cluster says of its own state. */
@Component
final class StorageHealthIndicator implements HealthIndicator {
  private static final Logger LOG = LoggerFactory.getLogger(StorageHealthIndicator.class);

  private final StorageAdapter adapter;

  StorageHealthIndicator(StorageAdapter adapter) {
    this.adapter = adapter;
  }

  @Override
  public Health health() {
    Health.Builder builder = Health.up();
    try {
      adapter.checkHealth();
    } catch (StorageException e) {
      // One line: probes come every few seconds, and what to do stands in the message.
      LOG.warn("The storage is not healthy: {}", e.getMessage());
      builder = Health.down().withDetail("error", e.getMessage());
    }
    adapter
        .capability(Capability.Status.class)
        .flatMap(Capability.Status::status)
        .map(ClusterDetails::of)
        .ifPresent(builder::withDetails);
    return builder.build();
  }
}
