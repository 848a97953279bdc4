package io.divan.storage.fdb.simulation;

import io.divan.storage.fdb.simulation.Program.Abandon;
import io.divan.storage.fdb.simulation.Program.Commit;
import io.divan.storage.fdb.simulation.Program.Get;
import io.divan.storage.fdb.simulation.Program.GetKey;
import io.divan.storage.fdb.simulation.Program.GetRange;
import io.divan.storage.fdb.simulation.Program.Operation;
import io.divan.storage.fdb.simulation.Program.ReadConflict;
import io.divan.storage.fdb.simulation.Program.Step;
import io.divan.storage.fdb.simulation.ProgramRunner.StepResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A simple model of the results that a program must have. The database is a map per version. A
 * transaction is the list of its writes, replayed on a copy for each read. The model has no trees,
 * segments or conflict ranges. It checks both outcomes of a commit: a committed transaction would
 * have read the same at the time of its commit, and a refused one had read near a change.
 */
final class ProgramModel {

  /** A read of a transaction and its result. */
  private record Read(Operation operation, int writesBefore, StepResult result) {}

  private static final class Client {
    private TreeMap<String, String> snapshot = new TreeMap<>();
    /** The number of commits in the snapshot; negative if there is no snapshot yet. */
    private int readVersion = -1;
    private final List<Operation> writes = new ArrayList<>();
    private final List<Boolean> versionKnown = new ArrayList<>();
    private final List<Read> reads = new ArrayList<>();
    private final List<ModelRange> readConflicts = new ArrayList<>();
    private boolean snapshotReadsWrites = true;
    private boolean readFailed;
  }

  private final TreeMap<String, String> data = new TreeMap<>();
  private final List<List<ModelRange>> written = new ArrayList<>();
  private final Client[] clients;
  private int stamps;

  ProgramModel(int clients) {
    this.clients = new Client[clients];
    for (int i = 0; i < clients; i++) {
      this.clients[i] = begin();
    }
  }

  private Client begin() {
    Client client = new Client();
    if (clients.length > 1) {
      look(client);
    }
    return client;
  }

  private void look(Client client) {
    client.readVersion = written.size();
    client.snapshot = new TreeMap<>(data);
  }

  /** Returns what is wrong with a result; empty if it is correct. */
  String check(Step step, StepResult result) {
    Client client = clients[step.client()];
    Operation operation = step.operation();
    if (ModelView.isRead(operation)) {
      return checkRead(client, operation, result);
    }
    if (operation instanceof Commit) {
      String wrong = checkCommit(client, result);
      clients[step.client()] = begin();
      return wrong;
    }
    if (operation instanceof Abandon) {
      clients[step.client()] = begin();
    } else if (operation instanceof Program.SnapshotReadsOff) {
      client.snapshotReadsWrites = false;
    } else if (operation instanceof ReadConflict conflict) {
      client.readConflicts.add(new ModelRange(conflict.begin(), conflict.end()));
    } else {
      client.writes.add(operation);
      client.versionKnown.add(client.readVersion >= 0);
    }
    return result.code() == 0 ? "" : "expected no error";
  }

  private String checkRead(Client client, Operation operation, StepResult result) {
    boolean snapshot = ModelView.isSnapshot(operation);
    boolean own = !snapshot || client.snapshotReadsWrites;
    ModelView view = own
        ? view(client)
        : new ModelView(client.readVersion < 0
            ? data
            : client.snapshot, List.of(), List.of());
    if (needsVersion(view, operation) && client.readVersion < 0) {
      look(client);
    }
    // When FoundationDB resolves selectors, it counts keys removed by compare-and-clear, but then
    // uses too small a conflict range. So such reads are not checked again at the commit.
    if (!view.hasPhantoms()) {
      client.reads.add(new Read(operation, client.writes.size(), result));
    } else {
      client.readConflicts.add(new ModelRange("", ModelView.END));
    }
    if (result.code() == 1036) {
      client.readFailed = true;
      return view.mayMeetUnreadable(operation) ? "" : "no unreadable key is near";
    }
    if (view.mustMeetUnreadable(operation, result)) {
      return "read through an unreadable key";
    }
    StepResult expected = view.result(operation);
    if (view.mayMeetUnreadable(operation)) {
      return "";
    }
    return expected.equals(result) ? "" : "expected " + expected;
  }

  private ModelView view(Client client) {
    return new ModelView(
        client.readVersion < 0 ? data : client.snapshot, client.writes, client.versionKnown);
  }

  /**
   * Whether a read needs a read version: not if its result follows from the transaction's writes.
   */
  private static boolean needsVersion(ModelView view, Operation operation) {
    return switch (operation) {
      case Get get -> !view.isIndependent(get.key());
      case GetRange range -> !ModelView.isInverted(range);
      default -> true;
    };
  }

  private String checkCommit(Client client, StepResult result) {
    if (client.readFailed) {
      return result.code() == 1036 ? "" : "the commit must fail with the error of its read";
    }
    boolean writes = client.writes.stream().anyMatch(ModelView::isWrite);
    int since = client.readVersion < 0 ? written.size() : client.readVersion;
    if (result.code() == 1020) {
      return writes && nearChange(client, since) ? "" : "no key near the reads has changed";
    }
    if (result.code() != 0) {
      return "unexpected error";
    }
    if (!writes) {
      return "";
    }
    for (Read read : client.reads) {
      if (!ModelView.isSnapshot(read.operation) && !sameNow(client, read)) {
        return "committed, although it would now read something else: " + read.operation;
      }
    }
    ModelView now = new ModelView(data, client.writes, client.versionKnown);
    TreeMap<String, String> after = now.committed(String.format("<stamp%4d", stamps));
    stamps++;
    List<ModelRange> touched = new ArrayList<>(now.touched());
    for (String key : changed(data, after)) {
      touched.add(ModelRange.ofKey(key));
    }
    written.add(touched);
    data.clear();
    data.putAll(after);
    return "";
  }

  private static Set<String> changed(TreeMap<String, String> a, TreeMap<String, String> b) {
    Set<String> keys = new TreeSet<>(a.keySet());
    keys.addAll(b.keySet());
    keys.removeIf(key -> Objects.equals(a.get(key), b.get(key)));
    return keys;
  }

  private boolean sameNow(Client client, Read read) {
    ModelView view =
        new ModelView(
            data,
            client.writes.subList(0, read.writesBefore),
            client.versionKnown.subList(0, read.writesBefore));
    return view.mayMeetUnreadable(read.operation)
        || view.result(read.operation).equals(read.result);
  }

  private boolean nearChange(Client client, int since) {
    List<ModelRange> near = new ArrayList<>(client.readConflicts);
    for (Read read : client.reads) {
      if (!ModelView.isSnapshot(read.operation)) {
        near.add(ModelView.hull(read.operation, read.result));
      }
    }
    return written.subList(since, written.size()).stream()
        .flatMap(List::stream)
        .anyMatch(range -> near.stream().anyMatch(range::overlaps));
  }

  /** All keys and values, for the final comparison. */
  TreeMap<String, String> data() {
    return data;
  }

  /** The keys from {@code begin}, inclusive, to {@code end}, exclusive. */
  record ModelRange(String begin, String end) {
    static ModelRange ofKey(String key) {
      return new ModelRange(key, key + "\0");
    }

    boolean overlaps(ModelRange other) {
      return begin.compareTo(end) < 0
          && other.begin.compareTo(other.end) < 0
          && begin.compareTo(other.end) < 0
          && other.begin.compareTo(end) < 0;
    }

    boolean contains(String key) {
      return begin.compareTo(key) <= 0 && key.compareTo(end) < 0;
    }
  }

  /** Whether the operation returns keys or values. */
  static boolean isRead(Operation operation) {
    return operation instanceof Get
        || operation instanceof GetKey
        || operation instanceof GetRange;
  }
}
