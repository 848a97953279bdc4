package io.divan.record.index;

import io.divan.storage.KeyValue;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import io.divan.storage.WriteTransaction;
import io.divan.storage.tuple.TupleReader;
import io.divan.storage.tuple.TupleWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * All indexes of a space, as one transaction saw them. Immutable.
 *
 * <p>Every change of a state also changes the store's configuration version. So a catalog may be
 * cached with {@link ReadTransaction#configVersion()}, read in the same transaction, while that
 * stays the same; {@link IndexHandle#progress} then is old. A write transaction that uses a cached
 * catalog must have read the configuration version: it then conflicts with a change of a state, and
 * every index is maintained by each transaction that commits after the index's creation.
 */
public final class IndexCatalog {
  private final List<IndexHandle> indexes;

  private IndexCatalog(List<IndexHandle> indexes) {
    this.indexes = List.copyOf(indexes);
  }

  /** Reads the states of all indexes, in one round trip, with conflicts. */
  public static IndexCatalog load(ReadTransaction transaction, IndexSpace space) {
    Range states = space.below(0, "state");
    Range builds = space.below(0, "build").withoutConflict();
    List<Page> pages = transaction.scanAll(List.of(states, builds));
    Map<Integer, IndexHandle.Progress> progress = new HashMap<>();
    for (KeyValue row : all(transaction, pages.get(1))) {
      progress.put(number(row.key(), builds.begin()), progress(row.value()));
    }
    List<IndexHandle> indexes = new ArrayList<>();
    for (KeyValue row : all(transaction, pages.get(0))) {
      int number = number(row.key(), states.begin());
      indexes.add(
          handle(number, row.value(), Optional.ofNullable(progress.get(number))));
    }
    return new IndexCatalog(indexes);
  }

  /** Returns the newest index with this signature that is not being dropped. */
  public Optional<IndexHandle> find(byte[] signature) {
    return indexes.reversed().stream()
        .filter(index -> index.state() != IndexState.DROPPING)
        .filter(index -> Arrays.equals(index.signature(), signature))
        .findFirst();
  }

  /** Returns the index with this number. */
  public Optional<IndexHandle> find(int number) {
    return indexes.stream().filter(index -> index.number() == number).findFirst();
  }

  /** Returns all indexes, by number, including those that are being dropped. */
  public List<IndexHandle> all() {
    return indexes;
  }

  /**
   * Creates an index, to be built by {@link IndexBuild}. Changes the configuration version.
   *
   * @param estimate the number of things to index, for progress; 0 if unknown
   */
  public static IndexHandle create(
      WriteTransaction transaction, IndexSpace space, byte[] signature, long estimate) {
    IndexHandle.Progress progress = new IndexHandle.Progress(new byte[0], 0, estimate);
    int number = nextNumber(transaction, space);
    write(transaction, space, number, IndexState.BUILDING, signature, null);
    write(transaction, space, number, progress);
    return new IndexHandle(
        number, signature, IndexState.BUILDING, Optional.empty(), Optional.of(progress));
  }

  /**
   * Creates an index of no things, which needs no build. Changes the configuration version. The
   * same transaction must have read, with conflicts, that there are no things to index.
   */
  public static IndexHandle createReadable(
      WriteTransaction transaction, IndexSpace space, byte[] signature) {
    int number = nextNumber(transaction, space);
    write(transaction, space, number, IndexState.READABLE, signature, null);
    return new IndexHandle(
        number, signature, IndexState.READABLE, Optional.empty(), Optional.empty());
  }

  /**
   * Ends the use of an index at once; {@link IndexClear} removes its rows later. Changes the
   * configuration version. No effect on an index that does not exist.
   */
  public static void drop(WriteTransaction transaction, IndexSpace space, int number) {
    read(transaction, space, number)
        .filter(index -> index.state() != IndexState.DROPPING)
        .ifPresent(
            index -> {
              write(
                  transaction, space, number, IndexState.DROPPING, index.signature(), null);
              transaction.delete(space.table(), space.buildKey(number));
            });
  }

  /**
   * Ends the use of an index because of a problem; its rows stay until it is dropped. Changes the
   * configuration version. No effect on an index that is being dropped or does not exist.
   *
   * @param problem why, as a sentence
   */
  public static void disable(
      WriteTransaction transaction, IndexSpace space, int number, String problem) {
    read(transaction, space, number)
        .filter(index -> index.state() != IndexState.DROPPING)
        .ifPresent(
            index -> {
              write(
                  transaction, space, number, IndexState.DISABLED, index.signature(), problem);
              transaction.delete(space.table(), space.buildKey(number));
            });
  }

  /** Ends the build of an index. */
  static void finish(WriteTransaction transaction, IndexSpace space, IndexHandle index) {
    write(
        transaction, space, index.number(), IndexState.READABLE, index.signature(), null);
    transaction.delete(space.table(), space.buildKey(index.number()));
  }

  /** Removes the last traces of a dropped index. */
  static void forget(WriteTransaction transaction, IndexSpace space, int number) {
    transaction.delete(space.table(), space.stateKey(number));
    transaction.delete(space.table(), space.feedKey(number));
    transaction.deleteRange(space.below(space.leaseKey(number)));
    transaction.bumpConfigVersion();
  }

  /** Reads one index and its build, in one round trip, with conflicts. */
  static Optional<IndexHandle> read(ReadTransaction transaction, IndexSpace space, int number) {
    List<Optional<byte[]>> rows =
        transaction.getAll(
            space.table(), List.of(space.stateKey(number), space.buildKey(number)));
    return rows.get(0).map(state -> handle(number, state, rows.get(1).map(IndexCatalog::progress)));
  }

  static void write(
      WriteTransaction transaction, IndexSpace space, int number, IndexHandle.Progress progress) {
    transaction.put(
        space.table(),
        space.buildKey(number),
        TupleWriter.pack(progress.position(), progress.done(), progress.estimate()));
  }

  static IndexHandle.Progress progress(byte[] row) {
    TupleReader reader = new TupleReader(row);
    return new IndexHandle.Progress(reader.nextBytes(), reader.nextLong(), reader.nextLong());
  }

  private static int nextNumber(WriteTransaction transaction, IndexSpace space) {
    int number =
        transaction
            .get(space.table(), space.nextKey())
            .map(row -> Math.toIntExact(new TupleReader(row).nextLong()))
            .orElse(1);
    transaction.put(space.table(), space.nextKey(), TupleWriter.pack(number + 1));
    return number;
  }

  private static void write(
      WriteTransaction transaction,
      IndexSpace space,
      int number,
      IndexState state,
      byte[] signature,
      @Nullable String problem) {
    transaction.put(
        space.table(),
        space.stateKey(number),
        TupleWriter.pack(state.code(), signature, problem));
    transaction.bumpConfigVersion();
  }

  private static IndexHandle handle(
      int number, byte[] row, Optional<IndexHandle.Progress> progress) {
    TupleReader reader = new TupleReader(row);
    IndexState state = IndexState.of(reader.nextLong());
    byte[] signature = reader.nextBytes();
    Optional<String> problem = Optional.ofNullable((String) reader.nextElement());
    return new IndexHandle(number, signature, state, problem, progress);
  }

  private static int number(byte[] key, byte[] prefix) {
    return Math.toIntExact(new TupleReader(key, prefix.length).nextLong());
  }

  private static List<KeyValue> all(ReadTransaction transaction, Page first) {
    List<KeyValue> rows = new ArrayList<>(first.rows());
    Page page = first;
    while (page.rest().isPresent()) {
      page = transaction.scan(page.rest().get());
      rows.addAll(page.rows());
    }
    return rows;
  }
}
