package io.divan.record.query;

import io.divan.record.RecordException;
import io.divan.record.index.Continuation;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Reads the rows of several branches: merged in their common order, without those that an earlier
 * branch has too; or one branch after the other. The state of its continuation has for each branch
 * nothing if it is finished, no bytes if it has not begun, or a continuation of the branch.
 */
final class UnionCursor implements Cursor {
  private static final byte[] NOT_BEGUN = {};
  private static final int BATCH_MIN = 16;

  /** A branch: the rows read but not returned, and where the branch continues. */
  private static final class Branch {
    private final Optional<AccessCursor> cursor;
    private final Deque<Entry> rows = new ArrayDeque<>();
    private Supplier<byte[]> continuation;

    Branch(Optional<AccessCursor> cursor, byte[] continuation) {
      this.cursor = cursor;
      this.continuation = () -> continuation;
    }

    boolean ended() {
      return rows.isEmpty() && cursor.map(AccessCursor::ended).orElse(true);
    }

    boolean isDrained() {
      return rows.isEmpty() && !ended();
    }

    Entry take() {
      Entry entry = rows.remove();
      continuation = entry.continuation();
      return entry;
    }
  }

  private final ReadTransaction transaction;
  private final Plan plan;
  private final byte[] fingerprint;
  private final List<Branch> branches = new ArrayList<>();

  /** Starts, or continues with the state of a continuation. */
  UnionCursor(AccessCursor.Source source, Optional<Continuation.State> state) {
    this.transaction = source.transaction();
    this.plan = source.plan();
    this.fingerprint = plan.fingerprint();
    Optional<List<Optional<byte[]>>> states = state.map(Continuation.State::branches);
    if (states.isPresent() && states.get().size() != plan.options().size()) {
      throw new RecordException.BadContinuation("The continuation has other branches");
    }
    for (int i = 0; i < plan.options().size(); i++) {
      Optional<byte[]> bytes =
          states.isPresent() ? states.get().get(i) : Optional.of(NOT_BEGUN);
      Optional<AccessCursor> cursor = Optional.empty();
      if (bytes.isPresent()) {
        cursor = Optional.of(cursor(source, i, bytes.get()));
      }
      branches.add(new Branch(cursor, bytes.orElse(NOT_BEGUN)));
    }
  }

  private AccessCursor cursor(AccessCursor.Source source, int branch, byte[] continuation) {
    List<Access> options = plan.options().get(branch);
    if (continuation.length == 0) {
      Access access = options.getFirst();
      return AccessCursor.of(
          source, branch, access, () -> plan.fingerprint(branch, access), Optional.empty());
    }
    for (Access access : options) {
      byte[] each = plan.fingerprint(branch, access);
      if (QueryRun.hasFingerprint(continuation, each)) {
        return AccessCursor.of(source, branch, access, () -> each, Optional.of(continuation));
      }
    }
    throw new RecordException.BadContinuation("The continuation is of another query or index");
  }

  @Override
  public boolean ended() {
    return branches.stream().allMatch(Branch::ended);
  }

  @Override
  public List<Entry> next(int max) {
    return plan.shape() == Plan.Shape.MERGED ? merge(max) : chain(max);
  }

  private List<Entry> merge(int max) {
    List<Entry> entries = new ArrayList<>();
    while (entries.size() < max) {
      fill(branches, Math.max(max, BATCH_MIN));
      Optional<Entry> least = Optional.empty();
      for (Branch branch : branches) {
        if (!branch.rows.isEmpty()
            && (least.isEmpty() || compare(branch.rows.element(), least.get()) < 0)) {
          least = Optional.of(branch.rows.element());
        }
      }
      if (least.isEmpty()) {
        return entries;
      }
      Entry first = least.get();
      for (Branch branch : branches) {
        if (!branch.rows.isEmpty() && compare(branch.rows.element(), least.get()) == 0) {
          Entry same = branch.take();
          first = first.rec().isPresent() ? first : same;
        }
      }
      entries.add(first.continued(continuation()));
    }
    return entries;
  }

  private int compare(Entry one, Entry other) {
    int order = Arrays.compareUnsigned(one.order(), other.order());
    if (order != 0) {
      return order;
    }
    int keys = Arrays.compareUnsigned(one.primaryKey(), other.primaryKey());
    return plan.backwards() ? -keys : keys;
  }

  private List<Entry> chain(int max) {
    for (int i = 0; i < branches.size(); i++) {
      Branch branch = branches.get(i);
      if (branch.ended()) {
        continue;
      }
      if (branch.isDrained()) {
        List<Branch> rest = branches.subList(i, branches.size());
        fill(rest, Math.max(BATCH_MIN, max / rest.size()));
      }
      List<Entry> entries = new ArrayList<>();
      while (!branch.rows.isEmpty() && entries.size() < max) {
        entries.add(branch.take().continued(continuation()));
      }
      if (!entries.isEmpty()) {
        return entries;
      }
    }
    return List.of();
  }

  /** Reads rows of all drained branches among some, in one round trip unless they are large. */
  private void fill(List<Branch> some, int rowsMax) {
    List<Branch> drained = drained(some);
    while (!drained.isEmpty()) {
      List<Range> ranges = new ArrayList<>();
      List<Integer> ends = new ArrayList<>();
      for (Branch branch : drained) {
        ranges.addAll(branch.cursor.orElseThrow().ask(rowsMax));
        ends.add(ranges.size());
      }
      List<Page> pages = ranges.isEmpty() ? List.of() : transaction.scanAll(ranges);
      int begin = 0;
      for (int i = 0; i < drained.size(); i++) {
        Branch branch = drained.get(i);
        List<Page> own = pages.subList(begin, ends.get(i));
        branch.rows.addAll(branch.cursor.orElseThrow().take(rowsMax, own));
        begin = ends.get(i);
      }
      drained = drained(drained);
    }
  }

  private static List<Branch> drained(List<Branch> some) {
    List<Branch> drained = List.of();
    for (Branch branch : some) {
      if (branch.isDrained()) {
        drained = drained.isEmpty() ? new ArrayList<>() : drained; // mostly there is none
        drained.add(branch);
      }
    }
    return drained;
  }

  /** Returns the continuation after the rows taken so far. */
  private Supplier<byte[]> continuation() {
    List<Optional<Supplier<byte[]>>> states = new ArrayList<>();
    for (Branch branch : branches) {
      states.add(branch.ended() ? Optional.empty() : Optional.of(branch.continuation));
    }
    return () -> Continuation.write(
        Continuation.UNION,
        fingerprint,
        Continuation.branches(states.stream().map(state -> state.map(Supplier::get)).toList()));
  }
}
