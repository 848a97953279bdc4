package io.divan.storage.sqlite.pages;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The page cache. */
class VersionedPageCacheTest {
  private static final int PAGES = 4_096;

  @Test
  void pages_ofTwoFiles_areSeparate() {
    VersionedPageCache cache = new VersionedPageCache(100_000_000);
    int one = cache.newFile();
    int two = cache.newFile();
    VersionedPageCache.Known known = new VersionedPageCache.Known();
    cache.changed(one, known, 1);
    int[] pages =
        IntStream.concat(
            IntStream.range(0, PAGES),
            IntStream.of(1 << 20, 1 << 28, 1 << 30, Integer.MAX_VALUE - 256, Integer.MAX_VALUE))
            .toArray();
    for (int page : pages) {
      cache.add(one, page, 1, content(one, page), 1, known);
      cache.add(two, page, 1, content(two, page), 1, known);
    }
    for (int page : pages) {
      assertThat(cache.get(one, page, 1)).isEqualTo(content(one, page));
      assertThat(cache.get(two, page, 1)).isEqualTo(content(two, page));
    }
    cache.forget(one, known);
    for (int page : pages) {
      assertThat(cache.get(one, page, 1)).isNull();
      assertThat(cache.get(two, page, 1)).isEqualTo(content(two, page));
    }
  }

  private static byte[] content(int file, int page) {
    return new byte[] {(byte) file, (byte) page, (byte) (page >> 8), (byte) (page >> 24)};
  }

  @Test
  void keys_ofOneShard_haveDistinctHashBits() {
    Set<Integer> buckets = new HashSet<>();
    for (int page = 0; page < PAGES; page++) {
      if ((page >>> 4 & 15) == 3) { // 16 adjacent pages of every 256
        int hash = Long.hashCode(VersionedPageCache.key(1, page));
        buckets.add((hash ^ hash >>> 16) & PAGES / 16 - 1);
      }
    }
    assertThat(buckets).hasSize(PAGES / 16);
  }
}
