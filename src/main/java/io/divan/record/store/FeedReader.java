package io.divan.record.store;

import io.divan.record.Index;
import io.divan.record.RecordException;
import io.divan.record.RecordFeed;
import io.divan.record.RecordType;
import io.divan.record.Schema;
import io.divan.record.index.IndexFeed;
import io.divan.record.index.IndexHandle;
import io.divan.storage.ReadTransaction;
import io.divan.storage.Store;
import io.divan.storage.Versionstamp;
import io.divan.storage.Watch;
import io.divan.storage.tuple.TupleReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Reads a feed, each page in a transaction of its own. Safe for use by many threads. */
final class FeedReader implements RecordFeed {
  /** The longest wait for one watch: a feed that was built again has another key to watch. */
  private static final Duration WATCH_MAX = Duration.ofSeconds(10);

  private final Store store;
  private final RecordReads reads;
  private final Index.Versionstamp index;

  FeedReader(Store store, RecordReads reads, Index.Versionstamp index) {
    this.store = store;
    this.reads = reads;
    this.index = index;
  }

  @Override
  public List<Change> since(Versionstamp stamp, int changesMax) {
    return store.read(transaction -> since(transaction, stamp, changesMax));
  }

  private List<Change> since(ReadTransaction transaction, Versionstamp stamp, int changesMax) {
    Schema schema = reads.schema(transaction);
    IndexHandle handle = reads.metadata(transaction).readable(index);
    IndexFeed.Slice slice =
        IndexFeed.since(transaction, reads.space(), handle.number(), stamp, changesMax);
    List<Change> changes = new ArrayList<>();
    for (IndexFeed.Entry entry : slice.entries()) {
      TupleReader owner = new TupleReader(entry.owner());
      int number = Math.toIntExact(owner.nextLong());
      byte[] primaryKey =
          Arrays.copyOfRange(entry.owner(), owner.position(), entry.owner().length);
      RecordType type =
          schema.findType(number)
              .orElseThrow(
                  () -> new RecordException.Damaged(
                      "Feed " + index.name() + " has type " + number));
      changes.add(
          new Change(
              entry.stamp(),
              type.name(),
              RecordType.key(primaryKey),
              Contributions.isDeleted(entry.value())));
    }
    return changes;
  }

  @Override
  public List<Change> await(Versionstamp stamp, int changesMax, Duration atMost)
      throws InterruptedException {
    long end = System.nanoTime() + atMost.toNanos();
    while (true) {
      List<Change> changes = new ArrayList<>();
      Optional<Watch> watch = watch(stamp, changesMax, changes);
      if (watch.isEmpty()) {
        return changes;
      }
      try (Watch armed = watch.get()) {
        long rest = end - System.nanoTime();
        if (rest <= 0) {
          return List.of();
        }
        armed.await(Duration.ofNanos(Math.min(rest, WATCH_MAX.toNanos())));
      }
    }
  }

  /** Adds the changes after a stamp, or watches for one if there is none. */
  private Optional<Watch> watch(Versionstamp stamp, int changesMax, List<Change> changes) {
    List<Watch> armed = new ArrayList<>();
    try {
      return store.read(
          transaction -> {
            changes.clear();
            armed.forEach(Watch::close);
            armed.clear();
            changes.addAll(since(transaction, stamp, changesMax));
            if (!changes.isEmpty()) {
              return Optional.empty();
            }
            IndexHandle handle = reads.handle(transaction, index);
            armed.add(IndexFeed.watch(transaction, reads.space(), handle.number()));
            return Optional.of(armed.getFirst());
          });
    } catch (RuntimeException e) {
      armed.forEach(Watch::close);
      throw e;
    }
  }
}
