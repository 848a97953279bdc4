package io.divan;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;

/** The real service, in this process, on a port of its own at 127.0.0.1. */
public final class Service implements AutoCloseable {
  private final ServletWebServerApplicationContext context;

  private Service(ServletWebServerApplicationContext context) {
    this.context = context;
  }

  /** Starts it over the files of a directory, with more settings as {@code --name=value}. */
  public static Service start(Path directory, String... settings) {
    return start(DivanApplication.class, directory, settings);
  }

  /** The same with a configuration class of a test, which adds beans to the service's own. */
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

  /** What a client needs to know of it. */
  public Http http() {
    return new Http("http://127.0.0.1:" + port());
  }

  /** One of its parts. */
  public <T> T part(Class<T> type) {
    return context.getBean(type);
  }

  /** Stops it as a terminated process does: feeds end, requests are finished, files are closed. */
  @Override
  public void close() {
    context.close();
  }
}
