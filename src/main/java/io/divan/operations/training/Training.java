package io.divan.operations.training;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.util.FileSystemUtils;

/**
 * {@code divan.jar train [--requests=N] [--property=value …]} starts the service on loopback with a
 * temporary directory, sends it the requests of {@link TrainingLoad} and ends. Run with {@code
 * -XX:AOTCacheOutput}, the JVM then writes the AOT cache.
 */
public final class Training {
  private static final Logger LOG = LoggerFactory.getLogger(Training.class);
  private static final String COMMAND = "train";
  private static final String REQUESTS = "--requests=";

  /** Enough for every kind of request to load and link its classes. */
  private static final long REQUESTS_USUAL = 10_000;

  private static final String ADMIN = "training";

  private Training() {}

  /** Returns whether the arguments ask for a training run. */
  public static boolean isCalled(String... arguments) {
    return arguments.length > 0 && arguments[0].equals(COMMAND);
  }

  /** Runs the training and returns the exit code. */
  public static int run(Class<?> application, String... arguments) {
    try {
      long requests = REQUESTS_USUAL;
      List<String> properties = new ArrayList<>();
      for (String argument : Arrays.asList(arguments).subList(1, arguments.length)) {
        if (argument.startsWith(REQUESTS)) {
          requests = Long.parseLong(argument.substring(REQUESTS.length()));
        } else {
          properties.add(argument);
        }
      }
      Path directory = Files.createTempDirectory("divan-training");
      try {
        train(application, directory, requests, properties);
      } finally {
        FileSystemUtils.deleteRecursively(directory);
      }
      return 0;
    } catch (NumberFormatException e) {
      LOG.error("--requests must be a whole number, for example --requests=1000");
      return 2;
    } catch (IOException e) {
      LOG.error("The training run failed: {}", e.getMessage());
      return 1;
    }
  }

  private static void train(
      Class<?> application, Path directory, long requests, List<String> properties)
      throws IOException {
    String password = UUID.randomUUID().toString();
    List<String> all = new ArrayList<>();
    // The environment may configure a cluster, or TLS: neither belongs in a training run.
    all.add("--divan.storage.backend=redb");
    all.add("--divan.storage.leveldb.over=redb");
    all.add("--divan.storage.sqlite.over=redb");
    all.add("--server.ssl.enabled=false");
    all.removeIf(usual -> isOneOf(properties, usual.substring(0, usual.indexOf('=') + 1)));
    all.addAll(properties);
    all.add("--divan.storage.directory=" + directory);
    all.add("--divan.admins." + ADMIN + "=" + password);
    all.add("--server.address=127.0.0.1");
    all.add("--server.port=0");
    try (ConfigurableApplicationContext context =
        SpringApplication.run(application, all.toArray(String[]::new))) {
      int port = context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
      long sent = new TrainingLoad(port, ADMIN, password).run(requests);
      LOG.info("The training run sent {} requests", sent);
    }
  }

  private static boolean isOneOf(List<String> properties, String beginning) {
    return properties.stream().anyMatch(property -> property.startsWith(beginning));
  }
}
