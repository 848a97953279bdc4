package io.divan.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.Http;
import io.divan.HttpAnswer;
import io.divan.Service;
import io.divan.storage.ForwardingStore;
import io.divan.storage.ReadTransaction;
import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageBackend;
import io.divan.storage.Store;
import io.divan.storage.redb.RedbAdapter;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.annotation.Bean;

/** Probes while files are repaired: the one that is opened at the start, and that of a database. */
@Timeout(60)
class SlowRepairTest {
  private static final int REQUESTS = 20;
  private static final String SLOW = "slow";

  @TempDir Path directory;

  /** Opens redb files. Opening the first one, and reads of a database, wait as for a repair. */
  static final class RepairingBackend implements StorageBackend {
    private static final CountDownLatch NOT_WAITING = new CountDownLatch(0);

    private static volatile CountDownLatch opening = NOT_WAITING;
    private static volatile CountDownLatch opens = NOT_WAITING;
    private volatile CountDownLatch reading = NOT_WAITING;
    private final CountDownLatch reads = new CountDownLatch(REQUESTS);

    @Override
    public String name() {
      return "repairing";
    }

    @Override
    public StorageAdapter open(Context context) {
      opens.countDown();
      await(opening);
      StorageAdapter adapter =
          new RedbAdapter(RedbAdapter.Options.of(context.directory()), context.listener());
      return (StorageAdapter) Proxy.newProxyInstance(
          StorageAdapter.class.getClassLoader(),
          new Class<?>[] {StorageAdapter.class},
          (proxy, method, arguments) -> {
            try {
              Object result = method.invoke(adapter, arguments);
              return result instanceof Store store && store.name().equals(SLOW)
                  ? new Repaired(store)
                  : result;
            } catch (InvocationTargetException e) {
              throw e.getCause();
            }
          });
    }

    private static void await(CountDownLatch latch) {
      try {
        latch.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    private final class Repaired extends ForwardingStore {
      Repaired(Store store) {
        super(store);
      }

      @Override
      public <T> T read(Function<ReadTransaction, T> work) {
        if (reading != NOT_WAITING) {
          reads.countDown();
          RepairingBackend.await(reading);
        }
        return super.read(work);
      }
    }
  }

  static final class Configuration {
    @Bean
    RepairingBackend repairingBackend() {
      return new RepairingBackend();
    }
  }

  private Service start(String... settings) {
    List<String> all = new ArrayList<>(List.of(settings));
    all.add("--divan.storage.backend=repairing");
    return Service.start(Configuration.class, directory, all.toArray(String[]::new));
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @Test
  void start_fileIsRepaired_probesAreRefusedUntilItsEnd() throws Exception {
    int port = freePort();
    Http probes = new Http("http://127.0.0.1:" + port);
    RepairingBackend.opening = new CountDownLatch(1);
    RepairingBackend.opens = new CountDownLatch(1);
    FutureTask<Service> starting =
        new FutureTask<>(
            () -> start(
                "--management.server.port=" + port,
                "--management.server.address=127.0.0.1"));
    Thread.ofPlatform().start(starting);
    try {
      RepairingBackend.opens.await();
      assertThatThrownBy(() -> probes.get("/actuator/health/liveness"))
          .hasRootCauseInstanceOf(ConnectException.class);
    } finally {
      RepairingBackend.opening.countDown();
      RepairingBackend.opening = RepairingBackend.NOT_WAITING;
    }
    try (Service service = starting.get()) {
      assertThat(service.http().get("/").status()).isEqualTo(200);
      assertThat(probes.get("/actuator/health/liveness").status()).isEqualTo(200);
      assertThat(probes.get("/actuator/health/readiness").status()).isEqualTo(200);
    }
  }

  @Test
  void firstUse_fileIsRepaired_onlyItsRequestsWait() throws Exception {
    try (Service service = start()) {
      Http http = service.http();
      RepairingBackend backend = service.part(RepairingBackend.class);
      assertThat(http.put("/" + SLOW, "").status()).isEqualTo(201);
      assertThat(http.put("/other", "").status()).isEqualTo(201);
      CountDownLatch repair = new CountDownLatch(1);
      backend.reading = repair;
      List<FutureTask<HttpAnswer>> waiting = new ArrayList<>();
      try {
        for (int i = 0; i < REQUESTS; i++) {
          FutureTask<HttpAnswer> request = new FutureTask<>(() -> http.get("/" + SLOW));
          waiting.add(request);
          Thread.ofVirtual().start(request);
        }
        backend.reads.await();

        assertThat(http.get("/actuator/health/liveness").status()).isEqualTo(200);
        assertThat(http.get("/actuator/health/readiness").status()).isEqualTo(200);
        assertThat(http.get("/_up").status()).isEqualTo(200);
        assertThat(http.put("/other/a", "{}").status()).isEqualTo(201);
        assertThat(http.get("/other/a").status()).isEqualTo(200);
        assertThat(waiting).noneMatch(FutureTask::isDone);
      } finally {
        repair.countDown();
      }
      for (FutureTask<HttpAnswer> request : waiting) {
        assertThat(request.get().status()).isEqualTo(200);
      }
    }
  }
}
