package io.divan.redb.benchmark;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The results by measure and store. Each is printed as soon as it is known. */
final class Results {
  private static final OperatingSystemMXBean PROCESS =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  /** Runs a measured task and returns its number of operations. */
  interface Work {
    long run() throws Exception;
  }

  private final Map<String, Map<String, String>> cells = new LinkedHashMap<>();
  private final boolean warmUp;

  /**
   * Creates an empty table.
   *
   * @param warmUp whether the results are those of a warm-up
   */
  Results(boolean warmUp) {
    this.warmUp = warmUp;
  }

  /** Runs a task and records its rate and the CPU time of the whole process. */
  void measure(String measure, Candidate candidate, String unit, Work work) throws Exception {
    System.gc(); // do not charge earlier garbage to this task
    long cpu = PROCESS.getProcessCpuTime();
    long start = System.nanoTime();
    long operations = work.run();
    double seconds = (System.nanoTime() - start) / 1e9;
    double cpuMicros = (PROCESS.getProcessCpuTime() - cpu) / 1e3 / Math.max(1, operations);
    note(
        measure,
        candidate,
        String.format(
            Locale.ROOT, "%,.0f %s/s; %s µs", operations / seconds, unit, micros(cpuMicros)),
        String.format(Locale.ROOT, "%,d %s in %.2f s", operations, unit, seconds));
  }

  void bytes(String measure, Candidate candidate, long bytes) {
    note(measure, candidate, String.format(Locale.ROOT, "%,d bytes", bytes), "");
  }

  /** Returns all results as a Markdown table. */
  String table(List<Candidate> candidates) {
    StringBuilder text = new StringBuilder("| measure |");
    candidates.forEach(candidate -> text.append(' ').append(candidate.name()).append(" |"));
    text.append("\n|---|").append("---|".repeat(candidates.size())).append('\n');
    cells.forEach(
        (measure, row) -> text.append(
            candidates.stream()
                .map(candidate -> row.getOrDefault(candidate.name(), ""))
                .collect(Collectors.joining(" | ", "| " + measure + " | ", " |\n"))));
    return text.toString();
  }

  private void note(String measure, Candidate candidate, String cell, String detail) {
    cells.computeIfAbsent(measure, key -> new LinkedHashMap<>()).put(candidate.name(), cell);
    System.err.println(
        (warmUp ? "warm-up: " : "")
            + measure
            + ": "
            + candidate.name()
            + ": "
            + cell
            + (detail.isEmpty() ? "" : " (" + detail + ")"));
  }

  private static String micros(double micros) {
    String digits = micros < 10 ? "%.2f" : micros < 100 ? "%.1f" : "%.0f";
    return String.format(Locale.ROOT, digits, micros);
  }
}
