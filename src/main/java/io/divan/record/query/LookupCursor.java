package io.divan.record.query;

import io.divan.record.Rec;
import io.divan.record.index.IndexScan.KeyRange;
import io.divan.storage.Page;
import io.divan.storage.Range;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Reads records by their keys, which sort ascending or descending. */
final class LookupCursor extends AccessCursor {
  private final List<byte[]> keys = new ArrayList<>();
  private int next;

  LookupCursor(
      Source source,
      int branch,
      Access access,
      Supplier<byte[]> fingerprint,
      Optional<byte[]> after) {
    super(source, branch, access, fingerprint);
    for (KeyRange range : access.reverse() ? access.ranges().reversed() : access.ranges()) {
      if (after.isEmpty() || isAfter(range.begin(), after.get(), access.reverse())) {
        keys.add(range.begin());
      }
    }
    ended = keys.isEmpty();
  }

  private static boolean isAfter(byte[] key, byte[] other, boolean reverse) {
    int order = Arrays.compareUnsigned(key, other);
    return reverse ? order < 0 : order > 0;
  }

  private List<byte[]> some(int max) {
    return keys.subList(next, Math.min(keys.size(), next + max));
  }

  @Override
  List<Range> ask(int max) {
    return source.rows().ranges(source.plan().type(), some(max));
  }

  @Override
  List<Entry> take(int max, List<Page> pages) {
    List<byte[]> some = some(max);
    List<Optional<Rec>> found =
        source.rows().get(source.transaction(), source.plan().type(), some, pages, BYTES_MAX);
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < found.size(); i++) {
      byte[] key = some.get(i);
      found.get(i).ifPresent(rec -> entries.add(entry(key, rec)));
    }
    next += found.size();
    ended = next == keys.size();
    return entries;
  }
}
