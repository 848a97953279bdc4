package io.divan.operations;

import io.divan.storage.StorageAdapter;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;
import org.springframework.stereotype.Component;

/** Whether storage answers one cheap real read. */
@Component
final class StorageHealthIndicator extends AbstractHealthIndicator {
  private final StorageAdapter adapter;

  StorageHealthIndicator(StorageAdapter adapter) {
    super("The storage did not answer");
    this.adapter = adapter;
  }

  @Override
  protected void doHealthCheck(Health.Builder builder) {
    adapter.checkHealth();
    builder.up();
  }
}
