package io.divan.storage.fdb;

import io.divan.storage.Limits;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import io.divan.storage.Table;
import io.divan.storage.Versionstamp;
import io.divan.storage.Watch;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** The reads of one attempt at a transaction on one database. */
class FdbReads implements ReadTransaction {

  /**
   * State shared by all transactions of a database.
   *
   * @param name the database's name
   * @param space the database's key range
   * @param watches the watches of this instance
   * @param sizes statistics on the sizes of the database's ranges
   */
  record Shared(String name, StoreSpace space, Watches watches, ScanSizes sizes) {}

  final Attempt attempt;
  final Shared shared;
  private final com.apple.foundationdb.ReadTransaction transaction;
  private final Versionstamp configVersion;

  FdbReads(
      Attempt attempt,
      com.apple.foundationdb.ReadTransaction transaction,
      Shared shared,
      Versionstamp configVersion) {
    this.attempt = attempt;
    this.transaction = transaction;
    this.shared = shared;
    this.configVersion = configVersion;
  }

  /** Counts a read; overridden where reads add conflicts, and so count towards the size. */
  void count(long boundsBytes, int prefixBytes) {}

  private CompletableFuture<byte[]> startGet(Table table, byte[] key) {
    count(Limits.pointReadBytes(key.length), shared.space().tableBytes(table));
    return transaction.get(shared.space().key(table, key));
  }

  private Optional<byte[]> optional(CompletableFuture<byte[]> future) {
    return Optional.ofNullable(attempt.await(future));
  }

  @Override
  public final Optional<byte[]> get(Table table, byte[] key) {
    return optional(startGet(table, key));
  }

  @Override
  public final List<Optional<byte[]>> getAll(Table table, List<byte[]> keys) {
    List<CompletableFuture<byte[]>> started = new ArrayList<>(keys.size());
    for (byte[] key : keys) {
      started.add(startGet(table, key));
    }
    List<Optional<byte[]>> values = new ArrayList<>(keys.size());
    for (CompletableFuture<byte[]> future : started) {
      values.add(optional(future));
    }
    return values;
  }

  private RangeScan startScan(Range range) {
    if (!range.conflicts()) {
      return new RangeScan(transaction.snapshot(), shared.space(), range);
    }
    count(Limits.scanBytes(range), shared.space().tableBytes(range.table()));
    return new RangeScan(transaction, shared.space(), range);
  }

  @Override
  public final Page scan(Range range) {
    return startScan(range).read(attempt, SCAN_BYTES_MAX, true);
  }

  @Override
  public final List<Page> scanAll(List<Range> ranges) {
    List<Page> pages = new ArrayList<>(ranges.size());
    long left = SCAN_BYTES_MAX;
    boolean any = false;
    while (pages.size() < ranges.size()) {
      int from = pages.size();
      if (left <= 0) {
        pages.add(Page.stopped(List.of(), Page.Stop.BYTES, ranges.get(from)));
        continue;
      }
      int window = shared.sizes().window(ranges.get(from).table(), left);
      List<Range> some = ranges.subList(from, Math.min(ranges.size(), from + window));
      List<RangeScan> started = some.stream().map(this::startScan).toList();
      long before = left;
      int read = 0;
      for (RangeScan scan : started) {
        if (left <= 0) {
          pages.add(scan.skip());
          continue;
        }
        Page page = scan.read(attempt, left, !any);
        read++;
        left = page.stop() == Page.Stop.BYTES ? 0 : left - page.bytes();
        any |= !page.rows().isEmpty();
        pages.add(page);
      }
      shared.sizes().learn(some.subList(0, read), before - left);
    }
    return pages;
  }

  @Override
  public Watch watch(Table table, byte[] key) {
    FdbWatch watch =
        shared
            .watches()
            .watch(attempt, shared.name(), shared.space(), shared.space().key(table, key));
    attempt.addWatch(watch);
    return watch;
  }

  @Override
  public final Versionstamp configVersion() {
    return configVersion;
  }
}
