package io.divan.redb.benchmark;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** What was measured, by measure and engine; each is printed when it is known. */
final class Results {
  private static final OperatingSystemMXBean PROCESS =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  /** Does something, and says how many operations that were. */
  interface Work {
    long run() throws Exception;
  }

  private final Map<String, Map<String, String>> cells = new LinkedHashMap<>();
  private final boolean warmUp;

  /**
   * None yet.
   *
   * @param warmUp whether they are of no interest
   */
  Results(boolean warmUp) {
    this.warmUp = warmUp;
  }

  /** Does the work, and notes its rate and the CPU time that the whole process took for it. */
  void measure(String measure, Engine engine, String unit, Work work) throws Exception {
    System.gc(); // what others left behind is not this one's work
    long cpu = PROCESS.getProcessCpuTime();
    long start = System.nanoTime();
    long operations = work.run();
    double seconds = (System.nanoTime() - start) / 1e9;
    double cpuMicros = (PROCESS.getProcessCpuTime() - cpu) / 1e3 / Math.max(1, operations);
    note(
        measure,
        engine,
        String.format(
            Locale.ROOT, "%,.0f %s/s; %s µs", operations / seconds, unit, micros(cpuMicros)),
        String.format(Locale.ROOT, "%,d %s in %.2f s", operations, unit, seconds));
  }

  void bytes(String measure, Engine engine, long bytes) {
    note(measure, engine, String.format(Locale.ROOT, "%,d bytes", bytes), "");
  }

  /** All of it as a table in Markdown. */
  String table(List<Engine> engines) {
    StringBuilder text = new StringBuilder("| measure |");
    engines.forEach(engine -> text.append(' ').append(engine.name()).append(" |"));
    text.append("\n|---|").append("---|".repeat(engines.size())).append('\n');
    cells.forEach(
        (measure, row) ->
            text.append(
                engines.stream()
                    .map(engine -> row.getOrDefault(engine.name(), ""))
                    .collect(Collectors.joining(" | ", "| " + measure + " | ", " |\n"))));
    return text.toString();
  }

  private void note(String measure, Engine engine, String cell, String detail) {
    cells.computeIfAbsent(measure, key -> new LinkedHashMap<>()).put(engine.name(), cell);
    System.err.println(
        (warmUp ? "warm-up: " : "")
            + measure
            + ": "
            + engine.name()
            + ": "
            + cell
            + (detail.isEmpty() ? "" : " (" + detail + ")"));
  }

  private static String micros(double micros) {
    String digits = micros < 10 ? "%.2f" : micros < 100 ? "%.1f" : "%.0f";
    return String.format(Locale.ROOT, digits, micros);
  }
}
