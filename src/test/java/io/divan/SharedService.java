package io.divan;

import io.divan.storage.fdb.simulation.Faults;
import io.divan.storage.fdb.simulation.SimulatedFoundationDb;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.springframework.util.FileSystemUtils;

/**
 * Injects a service that all tests share, or a client of it. The service starts before the first
 * test and stops after the last. Each test uses its own databases. {@code
 * -Ddivan.test.backend=memory} selects another backend, which also supports {@code
 * -Ddivan.test.faults=true}.
 */
public final class SharedService implements ParameterResolver {

  private record Running(Path directory, Service service) implements AutoCloseable {

    static Running start() {
      try {
        Path directory = Files.createTempDirectory("divan-test-");
        String backend = System.getProperty("divan.test.backend", "redb");
        Service service =
            Service.start(
                directory,
                "--divan.storage.backend=" + backend,
                "--divan.authentication.iterations=1",
                "--divan.lockout.mode=off");
        if (Boolean.getBoolean("divan.test.faults")) {
          turnDials(service.part(SimulatedFoundationDb.class).faults());
        }
        return new Running(directory, service);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** Makes faults that are rare in clusters frequent. */
    private static void turnDials(Faults faults) {
      faults.chance(Faults.Fault.CONFLICT, 0.05);
      faults.chance(Faults.Fault.UNKNOWN_COMMITTED, 0.05);
      faults.chance(Faults.Fault.UNKNOWN_NOT_COMMITTED, 0.05);
      faults.chance(Faults.Fault.CLUSTER_VERSION_CHANGED, 0.02);
      faults.chance(Faults.Fault.TOO_OLD_READ, 0.0002);
      faults.chance(Faults.Fault.TOO_OLD_COMMIT, 0.02);
      faults.chance(Faults.Fault.PROCESS_BEHIND, 0.0002);
      faults.chance(Faults.Fault.SPURIOUS_WATCH, 0.1);
    }

    @Override
    public void close() throws IOException {
      service.close();
      FileSystemUtils.deleteRecursively(directory);
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    return type == Service.class || type == Http.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    Service service =
        context
            .getRoot()
            .getStore(ExtensionContext.Namespace.create(SharedService.class))
            .computeIfAbsent(Running.class, key -> Running.start(), Running.class)
            .service();
    return parameter.getParameter().getType() == Http.class ? service.http() : service;
  }
}
