package io.divan.record.query;

import io.divan.record.Rec;
import io.divan.record.Sort;
import io.divan.record.index.Continuation;
import io.divan.record.index.IndexColumns;
import io.divan.record.index.IndexScan;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Reads the rows of one access. */
abstract sealed class AccessCursor implements Cursor permits KeysCursor, LookupCursor, RowsCursor {
  /** About the most bytes of records read at once. */
  static final int BYTES_MAX = 1_000_000;

  /**
   * What all cursors of a page share.
   *
   * @param transaction the transaction
   * @param rows the records
   * @param plan the plan
   */
  record Source(ReadTransaction transaction, RecordRows rows, Plan plan) {}

  final Source source;
  final int branch;
  final Access access;
  private final Supplier<byte[]> fingerprint;
  final Optional<Set<String>> needed;
  private final Map<String, Optional<Object>> bound;
  boolean ended;

  AccessCursor(Source source, int branch, Access access, Supplier<byte[]> fingerprint) {
    this.source = source;
    this.branch = branch;
    this.access = access;
    this.fingerprint = fingerprint;
    this.needed = source.plan().needed();
    this.bound = access.bound();
  }

  /**
   * Starts or continues.
   *
   * @param fingerprint of the continuations; computed for those that are written or read only
   * @param continuation with that fingerprint; empty to start
   */
  static AccessCursor of(
      Source source,
      int branch,
      Access access,
      Supplier<byte[]> fingerprint,
      Optional<byte[]> continuation) {
    Optional<Continuation.State> state =
        continuation.map(bytes -> Continuation.read(bytes, fingerprint.get()));
    if (access.path().index().isPresent()) {
      return new RowsCursor(
          source,
          branch,
          access,
          fingerprint,
          state.map(Continuation.State::position).orElse(IndexScan.Position.START));
    }
    Optional<byte[]> after = state.map(Continuation.State::key);
    return access.isLookup()
        ? new LookupCursor(source, branch, access, fingerprint, after)
        : new KeysCursor(source, branch, access, fingerprint, after);
  }

  @Override
  public final boolean ended() {
    return ended;
  }

  @Override
  public final List<Entry> next(int max) {
    List<Range> asked = ask(max);
    return take(max, asked.isEmpty() ? List.of() : source.transaction().scanAll(asked));
  }

  /**
   * Returns the ranges that have the next rows, so that several cursors can share a round trip.
   *
   * @param max the most rows, at least 1
   */
  abstract List<Range> ask(int max);

  /**
   * Returns the next rows: at least one, unless the cursor has ended or the pages are cut short.
   *
   * @param max as {@link #ask} was called with
   * @param pages the pages of the ranges asked for
   */
  abstract List<Entry> take(int max, List<Page> pages);

  Supplier<byte[]> after(byte[] primaryKey) {
    return () -> Continuation.write(
        Continuation.KEYS, fingerprint.get(), Continuation.key(primaryKey));
  }

  Supplier<byte[]> after(IndexScan.Position position) {
    return () -> Continuation.write(Continuation.RANGES, fingerprint.get(), Continuation.position(
        position));
  }

  /** Returns the encoded fields of the sort. */
  byte[] order(Map<String, Object> values) {
    if (source.plan().shape() != Plan.Shape.MERGED || source.plan().sorting()) {
      return new byte[0];
    }
    IndexColumns.Writer writer = new IndexColumns.Writer();
    for (Sort sort : source.plan().query().sort()) {
      Optional<Object> fixed = bound.get(sort.field());
      writer.add(
          fixed == null ? values.get(sort.field()) : fixed.orElse(null), sort.descending());
    }
    return writer.toBytes();
  }

  Entry entry(byte[] primaryKey, Rec rec) {
    Map<String, Object> values = new HashMap<>();
    for (Sort sort : source.plan().query().sort()) {
      Object value = rec.value(sort.field());
      if (value != null) {
        values.put(sort.field(), value);
      }
    }
    return new Entry(
        branch, access, primaryKey, Optional.of(rec), order(values), after(primaryKey));
  }
}
