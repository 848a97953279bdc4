package io.divan.operations;

import io.divan.storage.Capability;
import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.stereotype.Component;

/** Checks the storage with one cheap read and reports the status of a cluster. */
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
      // Without a stack trace: probes arrive every few seconds, and the message says what to do.
      LOG.warn("The storage is not healthy: {}", e.getMessage());
      builder = Health.down().withDetail("error", reason(e));
    }
    adapter
        .capability(Capability.Status.class)
        .flatMap(Capability.Status::status)
        .map(ClusterDetails::of)
        .ifPresent(builder::withDetails);
    return builder.build();
  }

  /** Returns the text for clients. Messages of failures can contain file names of this machine. */
  private static String reason(StorageException failure) {
    return failure instanceof StorageException.StoreUnusable unusable
        ? unusable.reason()
        : "The storage is unavailable: see the server's log";
  }
}
