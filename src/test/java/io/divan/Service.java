package io.divan;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;

/** Runs the service in this process, on a free port of 127.0.0.1. */
public final class Service implements AutoCloseable {
  private final ServletWebServerApplicationContext context;

  private Service(ServletWebServerApplicationContext context) {
    this.context = context;
  }

  /** Starts the service on a directory, with further settings as {@code --name=value}. */
  public static Service start(Path directory, String... settings) {
    return start(DivanApplication.class, directory, settings);
  }

  /** Starts the service with additional beans from a configuration class. */
  public static Service start(Class<?> configuration, Path directory, String... settings) {
    List<String> arguments = new ArrayList<>();
    arguments.add("--server.port=0");
    arguments.add("--divan.storage.directory=" + directory);
    arguments.add("--logging.level.root=warn");
    arguments.addAll(List.of(settings));
    SpringApplication application =
        new SpringApplication(DivanApplication.class, configuration);
    application.setRegisterShutdownHook(false);
    application.setLogStartupInfo(false);
    return new Service(
        (ServletWebServerApplicationContext) application.run(arguments.toArray(String[]::new)));
  }

  public int port() {
    return context.getWebServer().getPort();
  }

  /** A client for the service. */
  public Http http() {
    return new Http("http://127.0.0.1:" + port());
  }

  /** A bean of the service. */
  public <T> T part(Class<T> type) {
    return context.getBean(type);
  }

  /** Stops the service as SIGTERM does: ends feeds, completes requests, closes files. */
  @Override
  public void close() {
    context.close();
  }
}
