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

/** Reads of one attempt at a transaction of one database. */
class FdbReads implements ReadTransaction {

  /**
   * What the transactions of a database have in common.
   *
   * @param name the database's name
   * @param space where the database lies
   * @param watches the watches of this instance
   * @param sizes what ranges of the database held
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

  /** Notes a read; only reads with conflicts count. */
  void count(long boundsBytes, int prefixBytes) {}

  private CompletableFuture<byte[]> ask(Table table, byte[] key) {
    count(Limits.getBytes(key.length), shared.space().tableBytes(table));
    return transaction.get(shared.space().key(table, key));
  }

  private Optional<byte[]> answer(CompletableFuture<byte[]> future) {
    return Optional.ofNullable(attempt.await(future));
  }

  @Override
  public final Optional<byte[]> get(Table table, byte[] key) {
    return answer(ask(table, key));
  }

  @Override
  public final List<Optional<byte[]>> getAll(Table table, List<byte[]> keys) {
    List<CompletableFuture<byte[]>> asked = new ArrayList<>(keys.size());
    for (byte[] key : keys) {
      asked.add(ask(table, key));
    }
    List<Optional<byte[]>> values = new ArrayList<>(keys.size());
    for (CompletableFuture<byte[]> future : asked) {
      values.add(answer(future));
    }
    return values;
  }

  private RangeScan ask(Range range) {
    if (!range.conflicts()) {
      return new RangeScan(transaction.snapshot(), shared.space(), range);
    }
    count(Limits.scanBytes(range), shared.space().tableBytes(range.table()));
    return new RangeScan(transaction, shared.space(), range);
  }

  @Override
  public final Page scan(Range range) {
    return ask(range).read(attempt, SCAN_BYTES_MAX, true);
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
      List<RangeScan> asked = some.stream().map(this::ask).toList();
      long before = left;
      int read = 0;
      for (RangeScan scan : asked) {
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
    attempt.add(watch);
    return watch;
  }

  @Override
  public final Versionstamp configVersion() {
    return configVersion;
  }
}
