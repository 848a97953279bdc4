package io.divan.api.server;

import io.divan.api.http.HttpProperties;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryUsage;
import java.util.LinkedHashMap;
import java.util.Map;
import jdk.management.VirtualThreadSchedulerMXBean;
import org.springframework.stereotype.Component;

/** The state of the JVM, under CouchDB's names for the state of Erlang's virtual machine. */
@Component
final class SystemState {
  private final MeterRegistry registry;
  private final HttpProperties http;

  SystemState(MeterRegistry registry, HttpProperties http) {
    this.registry = registry;
    this.http = http;
  }

  /** Seconds since the start of the process. */
  long uptime() {
    return ManagementFactory.getRuntimeMXBean().getUptime() / 1000;
  }

  /**
   * The memory in bytes. Processes have the heap; atoms have the metaspace; code is compiled code;
   * binaries are buffers outside the heap.
   */
  Map<String, Long> memory() {
    MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
    MemoryUsage metaspace = new MemoryUsage(0, 0, 0, -1);
    long code = 0;
    for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
      MemoryUsage usage = pool.getUsage();
      if (pool.getName().equals("Metaspace")) {
        metaspace = usage;
      } else if (pool.getName().startsWith("Code")) {
        code += usage.getCommitted();
      }
    }
    long nonHeap = ManagementFactory.getMemoryMXBean().getNonHeapMemoryUsage().getCommitted();
    long buffers = 0;
    for (var pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
      buffers += pool.getMemoryUsed();
    }
    Map<String, Long> memory = new LinkedHashMap<>();
    memory.put("other", Math.max(0, nonHeap - code - metaspace.getCommitted()));
    memory.put("atom", metaspace.getCommitted());
    memory.put("atom_used", metaspace.getUsed());
    memory.put("processes", heap.getCommitted());
    memory.put("processes_used", heap.getUsed());
    memory.put("binary", buffers);
    memory.put("code", code);
    memory.put("ets", 0L);
    return memory;
  }

  /** The virtual threads that are ready to run and have no carrier. */
  long runQueue() {
    var scheduler = ManagementFactory.getPlatformMXBean(VirtualThreadSchedulerMXBean.class);
    return Math.max(0, scheduler.getQueuedVirtualThreadCount());
  }

  /** The garbage collections since the start. */
  long collections() {
    long count = 0;
    for (GarbageCollectorMXBean bean : ManagementFactory.getGarbageCollectorMXBeans()) {
      count += Math.max(0, bean.getCollectionCount());
    }
    return count;
  }

  /** The platform threads and the requests, each of which has a virtual thread. */
  long processes() {
    return ManagementFactory.getThreadMXBean().getThreadCount()
        + gauge("divan.http.requests.active");
  }

  /** The most requests that run at a time. */
  long processLimit() {
    return http.connections();
  }

  /** The bytes that connections have received. */
  long input() {
    return counter("tomcat.global.received");
  }

  /** The bytes that connections have sent. */
  long output() {
    return counter("tomcat.global.sent");
  }

  /** The lengths of the queues. */
  Map<String, Long> queues() {
    Map<String, Long> queues = new LinkedHashMap<>();
    queues.put("background_tasks", gauge("divan.tasks.waiting"));
    queues.put("password_hashing", gauge("divan.password.queue"));
    return queues;
  }

  private long gauge(String name) {
    Gauge gauge = registry.find(name).gauge();
    return gauge == null ? 0 : (long) gauge.value();
  }

  private long counter(String name) {
    return (long) registry.find(name).functionCounters().stream()
        .mapToDouble(FunctionCounter::count)
        .sum();
  }
}
