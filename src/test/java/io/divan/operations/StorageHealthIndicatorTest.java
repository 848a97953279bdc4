package io.divan.operations;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageException;
import java.lang.reflect.Proxy;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class StorageHealthIndicatorTest {

  @Test
  void health_unavailable_namesTheFileOnlyInTheLog(CapturedOutput output) {
    Health health = health(new StorageException.StoreUnavailable("/data/a.redb cannot be read"));

    assertThat(health.getStatus()).isEqualTo(Status.DOWN);
    assertThat(health.getDetails())
        .containsEntry("error", "The storage is unavailable: see the server's log");
    assertThat(output.getAll()).contains("/data/a.redb cannot be read");
  }

  @Test
  void health_unusable_saysWhatToDo() {
    Health health = health(new StorageException.StoreUnusable("/data/a: use 2.0", "Use 2.0"));

    assertThat(health.getStatus()).isEqualTo(Status.DOWN);
    assertThat(health.getDetails()).containsEntry("error", "Use 2.0");
  }

  private static Health health(StorageException failure) {
    StorageAdapter adapter =
        (StorageAdapter) Proxy.newProxyInstance(
            StorageAdapter.class.getClassLoader(),
            new Class<?>[] {StorageAdapter.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("checkHealth")) {
                throw failure;
              }
              return Optional.empty(); // no capabilities
            });
    return new StorageHealthIndicator(adapter).health();
  }
}
