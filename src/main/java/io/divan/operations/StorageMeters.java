package io.divan.operations;

import io.divan.storage.Capability;
import io.divan.storage.Measurement;
import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageException;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The meters of the storage's state. A thread of its own asks the storage every few seconds, so
 * that a scrape never waits for it. All values are totals over the open databases.
 */
final class StorageMeters implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StorageMeters.class);
  private static final Duration PERIOD = Duration.ofSeconds(5);

  /** A storage that has served no read for so long is reported as down. */
  private static final Duration FRESH = Duration.ofSeconds(30);

  private record Key(String name, Map<String, String> labels) {}

  private final StorageAdapter adapter;
  private final MeterRegistry registry;
  private final Tags tags;
  private final LongSupplier nanoTime;
  private final ClusterMeters cluster;
  private final Map<Key, AtomicReference<Double>> values = new ConcurrentHashMap<>();
  private final ScheduledExecutorService thread;
  private volatile long servedNanos;
  private volatile boolean served;

  StorageMeters(
      StorageAdapter adapter, MeterRegistry registry, String backend, LongSupplier nanoTime) {
    this.adapter = adapter;
    this.registry = registry;
    this.tags = Tags.of("backend", backend);
    this.nanoTime = nanoTime;
    this.cluster = new ClusterMeters(registry, tags, InstantSource.system());
    this.thread =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("storage-meters").factory());
    Gauge.builder("divan.storage.up", () -> isUp() ? 1 : 0)
        .description("Whether the storage served a read within the last 30 s")
        .tags(tags)
        .register(registry);
    adapter.capability(Capability.Measured.class).ifPresent(this::measure);
  }

  /** Asks the storage from now on, until this is closed. */
  StorageMeters start() {
    thread.scheduleWithFixedDelay(this::ask, 0, PERIOD.toMillis(), TimeUnit.MILLISECONDS);
    return this;
  }

  private boolean isUp() {
    return served && nanoTime.getAsLong() - servedNanos < FRESH.toNanos();
  }

  /** Asks the storage once. */
  void ask() {
    try {
      adapter.capability(Capability.Measured.class).ifPresent(this::measure);
      adapter
          .capability(Capability.Status.class)
          .flatMap(Capability.Status::status)
          .ifPresent(cluster::update);
      adapter.checkHealth();
      servedNanos = nanoTime.getAsLong();
      served = true;
    } catch (StorageException e) {
      served = false; // the health indicator logs the reason
    } catch (RuntimeException e) {
      LOG.warn("The storage could not be measured", e);
    }
  }

  private void measure(Capability.Measured measured) {
    for (Measurement now : measured.measure()) {
      values
          .computeIfAbsent(new Key(now.name(), now.labels()), key -> register(now))
          .set(now.value());
    }
  }

  private AtomicReference<Double> register(Measurement first) {
    AtomicReference<Double> value = new AtomicReference<>(first.value());
    Tags all = tags;
    for (Map.Entry<String, String> label : first.labels().entrySet()) {
      all = all.and(label.getKey(), label.getValue());
    }
    String name = "divan." + first.name();
    String unit = first.unit().isEmpty() ? null : first.unit();
    switch (first.kind()) {
      case GAUGE ->
          Gauge.builder(name, value, AtomicReference::get)
              .strongReference(true)
              .description(first.description())
              .baseUnit(unit)
              .tags(all)
              .register(registry);
      case COUNTER ->
          FunctionCounter.builder(name, value, AtomicReference::get)
              .description(first.description())
              .baseUnit(unit)
              .tags(all)
              .register(registry);
    }
    return value;
  }

  /** Ends the thread. Called before the storage is closed. */
  @Override
  public void close() {
    thread.shutdownNow();
    try {
      thread.awaitTermination(PERIOD.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
