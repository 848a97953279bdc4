package io.divan.redb;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SharedPageCacheTest {
  private static final int PAGE = PageNumber.PAGE_BYTES;
  private static final int FIT = 100;

  // An entry needs slightly more memory than its page.
  private final SharedPageCache cache = new SharedPageCache(FIT * (PAGE + 128L));
  private final FilePageCache one = new FilePageCache(cache);
  private final FilePageCache other = new FilePageCache(cache);

  private static byte[] page(int type) {
    byte[] bytes = new byte[PAGE];
    bytes[0] = (byte) type;
    return bytes;
  }

  private static byte[] leaf() {
    return page(TreeFormat.LEAF);
  }

  private static void put(FilePageCache pages, long number) {
    if (pages.admits(number)) {
      pages.putClean(number, leaf(), true);
    }
  }

  private static long count(FilePageCache pages, int from, int to) {
    long count = 0;
    for (int i = from; i < to; i++) {
      count += pages.find(i) != null ? 1 : 0;
    }
    return count;
  }

  @Test
  void find_pageOfAnotherFile_isAnotherPage() {
    put(one, 7);
    assertThat(other.find(7)).isNull();
    put(other, 7);
    CachedPage found = other.find(7);
    assertThat(found).isNotNull().isNotSameAs(one.find(7));
    assertThat(found).extracting(other::number).isEqualTo(7L);
    one.drop(7);
    assertThat(one.find(7)).isNull();
    assertThat(other.find(7)).isSameAs(found);
  }

  @Test
  void admits_cacheNotFull_isTrue() {
    for (int i = 0; i < FIT / 2; i++) {
      put(one, i);
      put(other, i);
    }
    assertThat(count(one, 0, FIT / 2) + count(other, 0, FIT / 2)).isEqualTo(FIT);
  }

  @Test
  void admits_cacheFull_isTrueAtTheSecondMiss() {
    for (int i = 0; i < 2 * FIT; i++) {
      put(one, i);
    }
    put(other, 1);
    assertThat(other.find(1)).isNull();
    put(other, 1);
    assertThat(other.find(1)).isNotNull();
  }

  @Test
  void putClean_cacheFull_cachesThePage() {
    for (int i = 0; i < 2 * FIT; i++) {
      put(one, i);
    }
    other.putClean(1, page(TreeFormat.BRANCH), true);
    other.putClean(2, leaf(), true);
    assertThat(count(other, 1, 3)).isEqualTo(2);
  }

  @Test
  void admits_longScan_evictsNothing() {
    for (int i = 0; i < FIT / 2; i++) {
      put(one, i);
    }
    for (int i = 0; i < 100 * FIT; i++) {
      put(other, i);
    }
    assertThat(count(one, 0, FIT / 2)).isEqualTo(FIT / 2);
  }

  @Test
  void admits_anotherFileInUse_replacesPagesOfTheFirst() {
    Random random = new Random(5);
    for (int i = 0; i < FIT; i++) {
      put(one, i);
    }
    for (int i = 0; i < 40 * FIT; i++) {
      long number = random.nextInt(FIT / 2);
      if (other.find(number) == null) {
        put(other, number);
      }
    }
    assertThat(count(other, 0, FIT / 2)).isEqualTo(FIT / 2);
    assertThat(cache.bytes()).isLessThanOrEqualTo(FIT * (PAGE + 128L));
  }

  @Test
  void close_removesThePagesOfThatFileOnly() {
    for (int i = 0; i < FIT / 4; i++) {
      put(one, i);
      put(other, i);
    }
    one.putDirty(FIT, leaf());
    one.close();
    assertThat(count(one, 0, FIT + 1)).isZero();
    assertThat(count(other, 0, FIT / 4)).isEqualTo(FIT / 4);
    FilePageCache next = new FilePageCache(cache);
    assertThat(count(next, 0, FIT + 1)).isZero();
  }

  @Test
  void open_manyFilesInTurn_reusesTheirBits() {
    List<FilePageCache> open = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      open.add(new FilePageCache(cache));
    }
    open.forEach(pages -> put(pages, 1));
    open.forEach(FilePageCache::close);
    assertThat(cache.bytes()).isZero();
    for (int i = 0; i < 600_000; i++) {
      new FilePageCache(cache).close();
    }
  }

  @Test
  void dirty_twoFiles_returnsPagesOfOneFile() {
    one.putDirty(1, leaf());
    one.putDirty(2, leaf());
    other.putDirty(1, leaf());
    assertThat(one.dirty()).extracting(one::number).containsExactlyInAnyOrder(1L, 2L);
    one.drop(1);
    one.putDirty(2, leaf());
    assertThat(one.dirty()).extracting(one::number).containsExactly(2L);
    one.makeClean(one.dirty()[0]);
    assertThat(one.dirty()).isEmpty();
    assertThat(one.dirtyBytes()).isZero();
    assertThat(other.dirty()).hasSize(1);
  }
}
