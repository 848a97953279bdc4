package io.divan.operations;

import io.divan.storage.Capability;
import io.divan.storage.StorageAdapter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.stereotype.Component;

/**
 * Reports the free space of the disks with the data, if the backend keeps files on this machine,
 * and with temporary files. Logs each change of the status once. Readiness does not include it: a
 * service on a full disk still serves reads.
 */
@Component("disk")
@EnableConfigurationProperties(DiskProperties.class)
final class DiskHealthIndicator implements HealthIndicator {

  /** Free space is low, and the service works. HTTP status 200. */
  static final Status WARNING = new Status("WARNING");

  private static final Logger LOG = LoggerFactory.getLogger(DiskHealthIndicator.class);

  /** Reads the usable space of a directory's disk. */
  @FunctionalInterface
  interface Space {
    long freeBytes(Path directory) throws IOException;
  }

  private final Map<String, Path> directories = new LinkedHashMap<>();
  private final DiskProperties properties;
  private final Space space;
  private final AtomicReference<Status> logged = new AtomicReference<>(Status.UP);

  @Autowired
  DiskHealthIndicator(StorageAdapter storage, DiskProperties properties) {
    this(storage, properties, directory -> Files.getFileStore(directory).getUsableSpace());
  }

  DiskHealthIndicator(StorageAdapter storage, DiskProperties properties, Space space) {
    this.properties = properties;
    this.space = space;
    storage
        .capability(Capability.LocalFiles.class)
        .ifPresent(files -> directories.put("data", files.directory()));
    directories.put("temporary", Path.of(System.getProperty("java.io.tmpdir")).toAbsolutePath());
  }

  @Override
  public Health health() {
    Status worst = Status.UP;
    Map<String, Object> details = new LinkedHashMap<>();
    for (Map.Entry<String, Path> directory : directories.entrySet()) {
      Status status;
      Map<String, Object> detail = new LinkedHashMap<>();
      detail.put("directory", directory.getValue().toString());
      try {
        long free = space.freeBytes(directory.getValue());
        status = status(free);
        detail.put("free_bytes", free);
      } catch (IOException e) {
        status = Status.DOWN;
        detail.put("error", e.toString());
      }
      detail.put("status", status.getCode());
      details.put(directory.getKey(), detail);
      worst = worse(worst, status);
    }
    log(worst, details);
    return Health.status(worst).withDetails(details).build();
  }

  private Status status(long freeBytes) {
    return freeBytes < properties.criticalBelow().toBytes()
        ? Status.DOWN
        : freeBytes < properties.warnBelow().toBytes() ? WARNING : Status.UP;
  }

  private static Status worse(Status one, Status other) {
    return one.equals(Status.DOWN) || other.equals(Status.UP) ? one : other;
  }

  private void log(Status status, Map<String, Object> details) {
    if (!status.equals(logged.getAndSet(status))) {
      if (status.equals(Status.UP)) {
        LOG.info("There is enough free disk space again");
      } else {
        LOG.warn("Free some disk space: {}", details);
      }
    }
  }
}
