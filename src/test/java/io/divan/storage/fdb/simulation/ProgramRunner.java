package io.divan.storage.fdb.simulation;

import static io.divan.storage.fdb.simulation.Bench.b;

import com.apple.foundationdb.Database;
import com.apple.foundationdb.FDBException;
import com.apple.foundationdb.KeyValue;
import com.apple.foundationdb.MutationType;
import com.apple.foundationdb.ReadTransaction;
import com.apple.foundationdb.Transaction;
import com.apple.foundationdb.async.AsyncIterable;
import com.apple.foundationdb.tuple.ByteArrayUtil;
import io.divan.storage.fdb.simulation.Program.Abandon;
import io.divan.storage.fdb.simulation.Program.Clear;
import io.divan.storage.fdb.simulation.Program.ClearRange;
import io.divan.storage.fdb.simulation.Program.Commit;
import io.divan.storage.fdb.simulation.Program.Get;
import io.divan.storage.fdb.simulation.Program.GetKey;
import io.divan.storage.fdb.simulation.Program.GetRange;
import io.divan.storage.fdb.simulation.Program.Mutate;
import io.divan.storage.fdb.simulation.Program.NextWriteNoConflict;
import io.divan.storage.fdb.simulation.Program.Operation;
import io.divan.storage.fdb.simulation.Program.ReadConflict;
import io.divan.storage.fdb.simulation.Program.Set;
import io.divan.storage.fdb.simulation.Program.SnapshotReadsOff;
import io.divan.storage.fdb.simulation.Program.StampKey;
import io.divan.storage.fdb.simulation.Program.StampValue;
import io.divan.storage.fdb.simulation.Program.Step;
import io.divan.storage.fdb.simulation.Program.WriteConflict;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * Runs a program step by step against a database, simulated or real. All keys have a prefix. Stamps
 * are shown as the number of their commit.
 */
final class ProgramRunner implements AutoCloseable {

  /**
   * The result of a step.
   *
   * @param code the error code, or 0
   * @param key the resolved key, if a key was requested
   * @param value the value, if a value was requested
   * @param rows the rows of a range, as {@code key, value, key, value}
   */
  record StepResult(int code, @Nullable String key, @Nullable String value, List<String> rows) {
    static StepResult nothing() {
      return new StepResult(0, null, null, List.of());
    }
  }

  private static final byte[] NO_STAMP = new byte[10];

  private final Database db;
  private final String prefix;
  private final boolean eager;
  private final Transaction[] open;
  private final List<String> stamps = new ArrayList<>();

  ProgramRunner(Database db, String prefix, int clients) {
    this.db = db;
    this.prefix = prefix;
    this.open = new Transaction[clients];
    this.eager = clients > 1;
    for (int i = 0; i < clients; i++) {
      open[i] = begin();
    }
  }

  private Transaction begin() {
    Transaction tr = db.createTransaction();
    if (eager) {
      tr.getReadVersion().join();
    }
    return tr;
  }

  StepResult run(Step step) {
    try {
      return result(step.client(), step.operation());
    } catch (CompletionException e) {
      if (e.getCause() instanceof FDBException fdb) {
        return new StepResult(fdb.getCode(), null, null, List.of());
      }
      throw e;
    }
  }

  private StepResult result(int client, Operation operation) {
    Transaction tr = open[client];
    return switch (operation) {
      case Get get -> {
        byte[] value = reads(tr, get.snapshot()).get(b(prefix + get.key())).join();
        yield new StepResult(0, null, shown(value), List.of());
      }
      case GetKey get -> {
        byte[] key =
            reads(tr, get.snapshot()).getKey(get.selector().in(prefix)).join();
        yield new StepResult(0, shownKey(key), null, List.of());
      }
      case GetRange range ->
          new StepResult(0, null, null, rows(reads(tr, range.snapshot()), range));
      case Commit commit -> commit(client, tr);
      case Abandon abandon -> {
        renew(client);
        yield StepResult.nothing();
      }
      default -> {
        write(tr, operation);
        yield StepResult.nothing();
      }
    };
  }

  private static ReadTransaction reads(Transaction tr, boolean snapshot) {
    return snapshot ? tr.snapshot() : tr;
  }

  private List<String> rows(ReadTransaction tr, GetRange range) {
    AsyncIterable<KeyValue> found =
        tr.getRange(
            range.begin().in(prefix), range.end().in(prefix), range.limit(), range.reverse(),
            range.mode());
    List<String> rows = new ArrayList<>();
    Iterable<KeyValue> each = range.iterate() ? found : found.asList().join();
    for (KeyValue row : each) {
      rows.add(shownKey(row.getKey()));
      rows.add(shown(row.getValue()));
    }
    return rows;
  }

  private void write(Transaction tr, Operation operation) {
    switch (operation) {
      case Set set -> tr.set(b(prefix + set.key()), b(set.value()));
      case Clear clear -> tr.clear(b(prefix + clear.key()));
      case ClearRange clear -> tr.clear(b(prefix + clear.begin()), b(prefix + clear.end()));
      case Mutate mutate ->
          tr.mutate(mutate.type(), b(prefix + mutate.key()), b(mutate.operand()));
      case StampValue stamp ->
          tr.mutate(
              MutationType.SET_VERSIONSTAMPED_VALUE, b(prefix + stamp.key()),
              ByteArrayUtil.join(NO_STAMP, new byte[4]));
      case StampKey stamp -> {
        String key = prefix + stamp.prefix();
        byte[] offset = {(byte) key.length(), 0, 0, 0};
        tr.mutate(
            MutationType.SET_VERSIONSTAMPED_KEY, ByteArrayUtil.join(b(key), NO_STAMP, offset),
            b(stamp.value()));
      }
      case ReadConflict conflict ->
          tr.addReadConflictRange(b(prefix + conflict.begin()), b(prefix + conflict.end()));
      case WriteConflict conflict ->
          tr.addWriteConflictRange(b(prefix + conflict.begin()), b(prefix + conflict.end()));
      case NextWriteNoConflict option -> tr.options().setNextWriteNoWriteConflictRange();
      case SnapshotReadsOff option -> tr.options().setSnapshotRywDisable();
      default -> throw new IllegalArgumentException("Not a write: " + operation);
    }
  }

  private StepResult commit(int client, Transaction tr) {
    try {
      CompletableFuture<byte[]> stamp = tr.getVersionstamp();
      tr.commit().join();
      if (!stamp.isCompletedExceptionally() && tr.getCommittedVersion() >= 0) {
        stamps.add(Bench.s(stamp.join()));
      }
      return StepResult.nothing();
    } finally {
      renew(client);
    }
  }

  private void renew(int client) {
    open[client].close();
    open[client] = begin();
  }

  private String shownKey(byte[] key) {
    String text = shown(key);
    return text.startsWith(prefix) ? text.substring(prefix.length()) : "outside";
  }

  /** The bytes, with each stamp replaced by the number of its commit. */
  private @Nullable String shown(byte @Nullable [] bytes) {
    String text = Bench.s(bytes);
    if (text == null) {
      return null;
    }
    for (int i = 0; i < stamps.size(); i++) {
      text = text.replace(stamps.get(i), String.format("<stamp%4d", i));
    }
    return text;
  }

  /** The text with all non-ASCII characters escaped. */
  static String printable(String text) {
    StringBuilder printable = new StringBuilder();
    for (char c : text.toCharArray()) {
      if (c >= ' ' && c <= '~') {
        printable.append(c);
      } else {
        printable.append(String.format("\\x%02x", (int) c));
      }
    }
    return printable.toString();
  }

  /** The number of commits that received a stamp. */
  int commits() {
    return stamps.size();
  }

  @Override
  public void close() {
    for (Transaction tr : open) {
      tr.close();
    }
  }
}
