package io.divan.storage.fdb.simulation;

import static io.divan.storage.fdb.simulation.Bench.b;
import static org.assertj.core.api.Assertions.assertThat;

import com.apple.foundationdb.Database;
import com.apple.foundationdb.FDBException;
import com.apple.foundationdb.KeyValue;
import com.apple.foundationdb.MutationType;
import com.apple.foundationdb.Transaction;
import io.divan.storage.Seeds;
import io.divan.storage.fdb.simulation.Faults.Fault;
import io.divan.storage.fdb.simulation.HistoryChecker.Entry;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Concurrent transactions are strictly serializable, with simulated clients and on threads. */
class HistoryTest {

  /** One attempt, whose outcome is not known yet. */
  private record Attempt(
      String name,
      long begin,
      long end,
      int code,
      Map<String, @Nullable String> reads,
      Map<String, @Nullable String> writes) {}

  /** Clients that read and write a few keys, and record everything. */
  private static final class Workload {
    private static final byte[] STAMP = new byte[14];
    private final AtomicLong moments = new AtomicLong();
    private final List<Attempt> attempts = Collections.synchronizedList(new ArrayList<>());

    /** Runs transactions of one attempt each. */
    void run(Database db, String client, SplittableRandom random, int transactions) {
      for (int i = 0; i < transactions; i++) {
        attempt(db, client + "/" + i, random);
      }
    }

    private void attempt(Database db, String name, SplittableRandom random) {
      Map<String, @Nullable String> reads = new HashMap<>();
      Map<String, @Nullable String> writes = new HashMap<>();
      long begin = moments.incrementAndGet();
      int code = 0;
      try (Transaction tr = db.createTransaction()) {
        int operations = 1 + random.nextInt(6);
        boolean readOnly = random.nextInt(4) == 0;
        for (int i = 0; i < operations; i++) {
          operation(tr, name + "." + i, random, readOnly, reads, writes);
        }
        if (!writes.isEmpty()) {
          tr.mutate(MutationType.SET_VERSIONSTAMPED_VALUE, b("m/" + name), STAMP);
        }
        tr.commit().join();
      } catch (CompletionException e) {
        code = e.getCause() instanceof FDBException fdb ? fdb.getCode() : -1;
      }
      long end = code == 1021 ? Long.MAX_VALUE : moments.incrementAndGet();
      attempts.add(new Attempt(name, begin, end, code, reads, writes));
    }

    private static void operation(
        Transaction tr,
        String value,
        SplittableRandom random,
        boolean readOnly,
        Map<String, @Nullable String> reads,
        Map<String, @Nullable String> writes) {
      String key = "k" + random.nextInt(5);
      switch (random.nextInt(readOnly ? 3 : 6)) {
        case 0, 1 -> {
          String found = Bench.get(tr, key);
          if (!writes.containsKey(key)) {
            reads.put(key, found);
          }
        }
        case 2 -> {
          Map<String, String> found = new HashMap<>();
          for (KeyValue row : tr.getRange(b("k0"), b("k5")).asList().join()) {
            found.put(Bench.s(row.getKey()), Bench.s(row.getValue()));
          }
          for (int i = 0; i < 5; i++) {
            if (!writes.containsKey("k" + i)) {
              reads.put("k" + i, found.get("k" + i));
            }
          }
        }
        case 3 -> {
          tr.clear(b(key));
          writes.put(key, null);
        }
        default -> {
          tr.set(b(key), b(value));
          writes.put(key, value);
        }
      }
    }

    /** Checks the history; the markers in the database show which transactions took effect. */
    String check(Database db) {
      Map<String, String> stamps = new HashMap<>();
      List<KeyValue> markers =
          db.read(tr -> tr.snapshot().getRange(b("m/"), b("m0")).asList().join());
      for (KeyValue row : markers) {
        stamps.put(Bench.s(row.getKey()).substring(2), Bench.s(row.getValue()));
      }
      List<Entry> history = new ArrayList<>();
      for (Attempt attempt : attempts) {
        String stamp = stamps.get(attempt.name);
        boolean wrote = !attempt.writes.isEmpty();
        if (wrote && attempt.code == 0 && stamp == null) {
          return "committed, but its marker is missing: " + attempt;
        }
        if (stamp != null && attempt.code != 0 && attempt.code != 1021) {
          return "failed, but its marker exists: " + attempt;
        }
        if (stamp != null || !wrote && attempt.code == 0) {
          history.add(
              new Entry(
                  attempt.name, stamp, attempt.begin, attempt.end, attempt.reads,
                  attempt.writes));
        }
      }
      return HistoryChecker.check(history);
    }

    long count(int code) {
      return attempts.stream().filter(attempt -> attempt.code == code).count();
    }
  }

  private static void byTurns(long seed, boolean withFaults) {
    SimulatedClients clients = new SimulatedClients(seed);
    SimulatedFoundationDb cluster = new SimulatedFoundationDb(clients);
    if (withFaults) {
      for (Fault fault : Fault.values()) {
        cluster.faults().chance(fault, 0.03);
      }
    }
    Workload workload = new Workload();
    SplittableRandom random = new SplittableRandom(seed);
    for (int c = 0; c < 5; c++) {
      Database db = cluster.open();
      SplittableRandom own = random.split();
      String name = "c" + c;
      clients.start(name, () -> workload.run(db, name, own, 12));
    }
    clients.run();
    cluster.faults().clear();
    assertThat(workload.check(cluster.open())).as(Seeds.replay(seed)).isEmpty();
    assertThat(workload.count(0)).as(Seeds.replay(seed)).isPositive();
    assertThat(workload.count(-1)).as(Seeds.replay(seed)).isZero();
  }

  @Test
  void history_simulatedClients_isStrictlySerializable() {
    if (Long.getLong("divan.seed") != null) {
      byTurns(Seeds.seed(0), false);
      byTurns(Seeds.seed(0), true);
      return;
    }
    for (int seed = 0; seed < 150; seed++) {
      byTurns(seed, seed % 2 == 1);
    }
  }

  @Test
  void history_onThreads_isStrictlySerializable() {
    long seed = Seeds.seed(77);
    SimulatedFoundationDb cluster = new SimulatedFoundationDb();
    Workload workload = new Workload();
    SplittableRandom random = new SplittableRandom(seed);
    List<CompletableFuture<Void>> threads = new ArrayList<>();
    for (int c = 0; c < 4; c++) {
      Database db = cluster.open();
      SplittableRandom own = random.split();
      String name = "c" + c;
      CompletableFuture<Void> done = new CompletableFuture<>();
      Thread.ofPlatform().start(
          () -> {
            try {
              workload.run(db, name, own, 1_500);
              done.complete(null);
            } catch (Throwable e) {
              done.completeExceptionally(e);
            }
          });
      threads.add(done);
    }
    threads.forEach(CompletableFuture::join);
    assertThat(workload.check(cluster.open())).as(Seeds.replay(seed)).isEmpty();
    assertThat(workload.count(1020)).as("there were conflicts").isPositive();
  }

  // The checker

  private static Entry entry(
      String name, @Nullable String stamp, long begin, long end, String read, String write) {
    Map<String, @Nullable String> reads = new HashMap<>();
    Map<String, @Nullable String> writes = new HashMap<>();
    if (!read.isEmpty()) {
      reads.put("k", read.equals("-") ? null : read);
    }
    if (!write.isEmpty()) {
      writes.put("k", write);
    }
    return new Entry(name, stamp, begin, end, reads, writes);
  }

  @Test
  void check_correctHistory_passes() {
    assertThat(HistoryChecker.check(List.of(
        entry("a", "1", 1, 4, "-", "x"),
        entry("b", "2", 2, 6, "x", "y"),
        entry("r", null, 3, 5, "x", "")))).isEmpty();
  }

  @Test
  void check_lostUpdate_fails() {
    assertThat(HistoryChecker.check(List.of(
        entry("a", "1", 1, 4, "-", "x"),
        entry("b", "2", 2, 6, "-", "y")))).startsWith("read k=null instead of x");
  }

  @Test
  void check_commitsAgainstTheClock_fails() {
    assertThat(HistoryChecker.check(List.of(
        entry("late", "1", 5, 6, "", "x"),
        entry("early", "2", 1, 2, "", "y")))).startsWith("ended before");
  }

  @Test
  void check_staleReader_fails() {
    assertThat(HistoryChecker.check(List.of(
        entry("a", "1", 1, 2, "-", "x"),
        entry("r", null, 3, 4, "-", "")))).startsWith("no position fits");
  }
}
