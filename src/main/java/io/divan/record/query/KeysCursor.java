package io.divan.record.query;

import io.divan.record.Rec;
import io.divan.record.index.IndexScan.KeyRange;
import io.divan.record.index.IndexSource;
import io.divan.storage.Page;
import io.divan.storage.Range;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Reads records in the order of their keys. */
final class KeysCursor extends AccessCursor {
  /** The most ranges read in one round trip. */
  private static final int RANGES_AT_ONCE = 64;

  private final List<KeyRange> ranges;
  private final List<RecordRows.Scan> asked = new ArrayList<>();
  private Optional<byte[]> after;
  private int next;

  KeysCursor(
      Source source,
      int branch,
      Access access,
      Supplier<byte[]> fingerprint,
      Optional<byte[]> after) {
    super(source, branch, access, fingerprint);
    this.ranges = access.reverse() ? access.ranges().reversed() : access.ranges();
    this.after = after;
    while (next < ranges.size() && isBefore(ranges.get(next))) {
      next++;
    }
    this.ended = next == ranges.size();
  }

  /** Returns whether a range lies before the last record read. */
  private boolean isBefore(KeyRange range) {
    return after.isPresent()
        && (access.reverse()
            ? Arrays.compareUnsigned(after.get(), range.begin()) < 0
            : Arrays.compareUnsigned(after.get(), range.end().orElseThrow()) >= 0);
  }

  private Optional<byte[]> afterWithin(KeyRange range) {
    return after
        .filter(key -> Arrays.compareUnsigned(key, range.begin()) >= 0)
        .filter(key -> Arrays.compareUnsigned(key, range.end().orElseThrow()) < 0);
  }

  @Override
  List<Range> ask(int max) {
    asked.clear();
    for (KeyRange range : ranges.subList(next, Math.min(ranges.size(), next + RANGES_AT_ONCE))) {
      asked.add(
          new RecordRows.Scan(
              source.plan().type(), range, afterWithin(range), access.reverse(), max));
    }
    return asked.stream().map(source.rows()::range).toList();
  }

  @Override
  List<Entry> take(int max, List<Page> pages) {
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < asked.size() && entries.size() < max; i++) {
      Page page = pages.get(i);
      if (page.rows().isEmpty() && page.rest().isPresent() && !entries.isEmpty()) {
        break; // the other pages left no room for it
      }
      RecordRows.Scan scan = asked.get(i).rowsMax(max - entries.size());
      IndexSource.Slice<Rec> slice =
          source.rows().scan(source.transaction(), scan, page, BYTES_MAX);
      for (IndexSource.Item<Rec> item : slice.items()) {
        entries.add(entry(item.primaryKey(), item.record()));
        after = Optional.of(item.primaryKey());
      }
      if (!slice.end()) {
        break;
      }
      next++;
    }
    ended = next == ranges.size();
    return entries;
  }
}
