package io.divan.document;

import io.divan.storage.BatchScan;
import io.divan.storage.ForwardingStore;
import io.divan.storage.KeyValue;
import io.divan.storage.Range;
import io.divan.storage.Stamp;
import io.divan.storage.Store;
import io.divan.storage.Table;
import io.divan.storage.Versionstamp;
import io.divan.storage.WriteTransaction;
import io.divan.storage.Written;
import io.divan.storage.tuple.TupleReader;
import io.divan.storage.tuple.TupleWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A store in which every transaction of a call leaves a row, stamped by its commit: what has been
 * committed, how often, and in which order, whatever the caller was told. Safe for use by many
 * threads.
 */
final class JournaledStore extends ForwardingStore {

  /**
   * A committed transaction.
   *
   * @param call the call it belongs to
   * @param stamp its place among all of them
   */
  record Entry(int call, Versionstamp stamp) {}

  /**
   * What a call answered.
   *
   * @param result its result
   * @param stamps where its transactions' rows are, by what the store answered
   */
  record Answer<T>(T result, List<Versionstamp> stamps) {}

  private record Call(int number, List<Versionstamp> stamps) {}

  private static final Table JOURNAL = new Table(200, "journal");
  private static final ScopedValue<Call> CALL = ScopedValue.newInstance();

  JournaledStore(Store store) {
    super(store);
  }

  /** Runs what may write, under its number. */
  static <T> Answer<T> call(int number, Supplier<T> work) {
    Call call = new Call(number, new ArrayList<>());
    T result = ScopedValue.where(CALL, call).call(work::get);
    return new Answer<>(result, call.stamps());
  }

  /** All rows, in the order of the commits. */
  List<Entry> journal() {
    BatchScan<Entry> scan =
        store.scan(
            Range.all(JOURNAL),
            Range.NO_LIMIT,
            (transaction, rows) -> new BatchScan.Batch<>(
                rows.stream().map(JournaledStore::entry).toList(), rows.size()));
    List<Entry> entries = new ArrayList<>();
    while (scan.hasMore()) {
      entries.addAll(scan.next());
    }
    return entries;
  }

  private static Entry entry(KeyValue row) {
    return new Entry(
        (int) new TupleReader(row.value()).nextLong(),
        new TupleReader(row.key()).nextVersionstamp());
  }

  @Override
  public <T> Written<T> write(Function<WriteTransaction, T> work) {
    if (!CALL.isBound()) {
      return store.write(work);
    }
    Call call = CALL.get();
    Stamp[] stamp = new Stamp[1];
    Written<T> written =
        store.write(
            transaction -> {
              T result = work.apply(transaction);
              stamp[0] = transaction.stamp();
              transaction.putStampedKey(
                  JOURNAL,
                  new byte[] {TupleWriter.VERSIONSTAMP},
                  stamp[0],
                  new byte[0],
                  new TupleWriter().add(call.number()).toBytes());
              return result;
            });
    call.stamps().add(written.at(stamp[0]));
    return written;
  }
}
