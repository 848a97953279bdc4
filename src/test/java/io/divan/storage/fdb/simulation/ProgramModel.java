package io.divan.storage.fdb.simulation;

import io.divan.storage.fdb.simulation.Program.Abandon;
import io.divan.storage.fdb.simulation.Program.Commit;
import io.divan.storage.fdb.simulation.Program.Get;
import io.divan.storage.fdb.simulation.Program.GetKey;
import io.divan.storage.fdb.simulation.Program.GetRange;
import io.divan.storage.fdb.simulation.Program.Operation;
import io.divan.storage.fdb.simulation.Program.ReadConflict;
import io.divan.storage.fdb.simulation.Program.Step;
import io.divan.storage.fdb.simulation.ProgramRunner.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What a program must answer, worked out naively: the database is a map per version, a transaction
 * is the list of its writes, replayed over a copy for each read. It knows no trees, no segments and
 * no conflict ranges. Of a commit it checks both sides: what was committed would have read the same
 * at that moment, and what was refused had read near something that changed.
 */
final class ProgramModel {

  /** A read of a transaction, and what it was given. */
  private record Read(Operation operation, int writesBefore, Answer answer) {}

  private static final class Client {
    private TreeMap<String, String> snapshot = new TreeMap<>();
    /** How many commits the snapshot holds; negative while there is none. */
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

  /** What is wrong with an answer; empty if nothing is. */
  String check(Step step, Answer answer) {
    Client client = clients[step.client()];
    Operation operation = step.operation();
    if (ModelView.isRead(operation)) {
      return checkRead(client, operation, answer);
    }
    if (operation instanceof Commit) {
      String wrong = checkCommit(client, answer);
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
    return answer.code() == 0 ? "" : "no error expected";
  }

  private String checkRead(Client client, Operation operation, Answer answer) {
    boolean snapshot = ModelView.isSnapshot(operation);
    boolean own = !snapshot || client.snapshotReadsWrites;
    ModelView view = own ? view(client) : new ModelView(client.readVersion < 0 ? data
        : client.snapshot, List.of(), List.of());
    if (needsVersion(view, operation) && client.readVersion < 0) {
      look(client);
    }
    // FoundationDB counts keys that compare-and-clear took away when it resolves selectors, and
    // then takes too small a conflict range: such reads do not bear looking at twice.
    if (!view.hasPhantoms()) {
      client.reads.add(new Read(operation, client.writes.size(), answer));
    } else {
      client.readConflicts.add(new ModelRange("", ModelView.END));
    }
    if (answer.code() == 1036) {
      client.readFailed = true;
      return view.mayMeetUnreadable(operation) ? "" : "nothing unreadable is near";
    }
    if (view.mustMeetUnreadable(operation, answer)) {
      return "read through something unreadable";
    }
    Answer expected = view.answer(operation);
    if (view.mayMeetUnreadable(operation)) {
      return "";
    }
    return expected.equals(answer) ? "" : "expected " + expected;
  }

  private ModelView view(Client client) {
    return new ModelView(
        client.readVersion < 0 ? data : client.snapshot, client.writes, client.versionKnown);
  }

  /** A read of what the transaction has itself written needs no read version. */
  private static boolean needsVersion(ModelView view, Operation operation) {
    return switch (operation) {
      case Get get -> !view.isIndependent(get.key());
      case GetRange range -> !ModelView.isInverted(range);
      default -> true;
    };
  }

  private String checkCommit(Client client, Answer answer) {
    if (client.readFailed) {
      return answer.code() == 1036 ? "" : "the commit must fail like its read";
    }
    boolean writes = client.writes.stream().anyMatch(ModelView::isWrite);
    int since = client.readVersion < 0 ? written.size() : client.readVersion;
    if (answer.code() == 1020) {
      return writes && nearChange(client, since) ? "" : "nothing near has changed";
    }
    if (answer.code() != 0) {
      return "unexpected error";
    }
    if (!writes) {
      return "";
    }
    for (Read read : client.reads) {
      if (!ModelView.isSnapshot(read.operation) && !sameNow(client, read)) {
        return "committed, though it would now read otherwise: " + read.operation;
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
        || view.answer(read.operation).equals(read.answer);
  }

  private boolean nearChange(Client client, int since) {
    List<ModelRange> near = new ArrayList<>(client.readConflicts);
    for (Read read : client.reads) {
      if (!ModelView.isSnapshot(read.operation)) {
        near.add(ModelView.hull(read.operation, read.answer));
      }
    }
    return written.subList(since, written.size()).stream()
        .flatMap(List::stream)
        .anyMatch(range -> near.stream().anyMatch(range::overlaps));
  }

  /** The keys and values there are, for the last comparison. */
  TreeMap<String, String> data() {
    return data;
  }

  /** Keys from {@code begin} on, before {@code end}. */
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

  /** Whether the operation is one of those that answer with keys or values. */
  static boolean isRead(Operation operation) {
    return operation instanceof Get
        || operation instanceof GetKey
        || operation instanceof GetRange;
  }
}
