package io.divan.operations;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.Http;
import io.divan.HttpAnswer;
import io.divan.Service;
import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageBackend;
import io.divan.storage.fdb.FdbAdapter;
import io.divan.storage.fdb.simulation.SimulatedFoundationDb;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.annotation.Bean;

/** Probes of a service whose storage never returns. */
@Timeout(60)
class HungStorageTest {

  static final class HungBackend implements StorageBackend {
    private final CountDownLatch hanging = new CountDownLatch(1);
    private final AtomicInteger checks = new AtomicInteger();

    @Override
    public String name() {
      return "hung";
    }

    @Override
    public StorageAdapter open(Context context) {
      StorageAdapter adapter =
          new FdbAdapter(
              new SimulatedFoundationDb().open(),
              FdbAdapter.Options.defaults(),
              context.listener());
      return (StorageAdapter) Proxy.newProxyInstance(
          StorageAdapter.class.getClassLoader(),
          new Class<?>[] {StorageAdapter.class},
          (proxy, method, arguments) -> {
            if (method.getName().equals("checkHealth")) {
              checks.incrementAndGet();
              hanging.await();
            }
            try {
              return method.invoke(adapter, arguments);
            } catch (InvocationTargetException e) {
              throw e.getCause();
            }
          });
    }
  }

  static final class Configuration {
    @Bean
    HungBackend hungBackend() {
      return new HungBackend();
    }
  }

  @Test
  void probes_hungStorage_respondInTime(@TempDir Path directory) {
    try (Service service =
        Service.start(Configuration.class, directory, "--divan.storage.backend=hung")) {
      HungBackend backend = service.part(HungBackend.class);
      Http http = service.http();

      for (int i = 0; i < 30; i++) {
        HttpAnswer readiness = http.get("/actuator/health/readiness");
        assertThat(readiness.status()).isEqualTo(503);
        assertThat(readiness.json().at("/components/storage/status").stringValue())
            .isEqualTo("DOWN");
        assertThat(http.get("/_up").status()).isEqualTo(503);
        assertThat(http.get("/actuator/health/liveness").status()).isEqualTo(200);
      }
      assertThat(backend.checks).hasValue(1);

      backend.hanging.countDown();
      while (http.get("/_up").status() != 200) {
        Thread.onSpinWait(); // until the check has ended
      }
      assertThat(http.get("/actuator/health/readiness").status()).isEqualTo(200);
    }
  }
}
