package io.divan;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.springframework.util.FileSystemUtils;

/**
 * Gives tests one service, or a client of it, that all of them share: it is started for the first
 * and stopped after the last. Each test uses databases of its own.
 */
public final class SharedService implements ParameterResolver {

  private record Running(Path directory, Service service) implements AutoCloseable {

    static Running start() {
      try {
        Path directory = Files.createTempDirectory("divan-test-");
        return new Running(directory, Service.start(directory));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
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
