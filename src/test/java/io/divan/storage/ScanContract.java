package io.divan.storage;

import static io.divan.storage.Capabilities.estimatedBytes;
import static io.divan.storage.ContractFixture.bytes;
import static io.divan.storage.ContractFixture.put;
import static io.divan.storage.ContractFixture.range;
import static io.divan.storage.ContractFixture.rows;
import static io.divan.storage.ContractFixture.text;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Scans return the rows within their bounds, in order, and the range that remains. */
interface ScanContract extends ContractFixture {

  /** The number of rows written by {@link #putLargeRows}, 2.4 MB in total. */
  int LARGE_ROWS = 40;

  @Test
  default void scan_bounds_beginInclusiveEndExclusive() {
    put(store(), "a=1", "b=2", "b\0=3", "c=4", "d=5");
    assertThat(rows(store(), range("b", "d"))).containsExactly("b=2", "b\0=3", "c=4");
    assertThat(rows(store(), range("b\0", "c\0"))).containsExactly("b\0=3", "c=4");
    assertThat(rows(store(), range("aa", "bb"))).containsExactly("b=2", "b\0=3");
    assertThat(rows(store(), range("", "a"))).isEmpty();
    assertThat(rows(store(), Range.from(ROWS, bytes("c")))).containsExactly("c=4", "d=5");
    assertThat(rows(store(), Range.prefix(ROWS, bytes("b")))).containsExactly("b=2", "b\0=3");
    assertThat(rows(store(), Range.all(OTHERS))).isEmpty();
  }

  @Test
  default void scan_reverse_sameRowsBackwards() {
    put(store(), "a=1", "b=2", "b\0=3", "c=4", "\u00ff\u00ff=5");
    for (Range range : List.of(
        Range.all(ROWS), range("b", "d"), range("a\0", "c\0"), Range.from(ROWS, bytes("b\0")),
        Range.prefix(ROWS, bytes("\u00ff")))) {
      assertThat(rows(store(), range.reversed())).isEqualTo(rows(store(), range).reversed());
    }
    assertThat(rows(store(), range("", "c").reversed())).containsExactly("b\0=3", "b=2", "a=1");
  }

  @Test
  default void scan_emptyOrInvertedBounds_empty() {
    put(store(), "a=1", "b=2");
    for (Range range : List.of(range("b", "b"), range("c", "a"), range("", ""))) {
      for (Range each : List.of(range, range.reversed(), range.limit(1))) {
        Page page = store().read(t -> t.scan(each));
        assertThat(page.rows()).isEmpty();
        assertThat(page.stop()).isEqualTo(Page.Stop.END);
        Page inWrite = store().write(t -> t.scan(each)).result();
        assertThat(inWrite.stop()).isEqualTo(Page.Stop.END);
      }
    }
  }

  @Test
  default void scan_limit_returnsTheRest() {
    put(store(), "a=1", "b=2", "c=3", "d=4");
    Range all = range("a", "z").limit(2);

    Page first = store().read(t -> t.scan(all));
    assertThat(rows(first)).containsExactly("a=1", "b=2");
    assertThat(first.stop()).isEqualTo(Page.Stop.ROWS);
    assertThat(first.rest().orElseThrow().limit()).isEqualTo(2);

    Page second = store().read(t -> t.scan(first.rest().orElseThrow()));
    assertThat(rows(second)).containsExactly("c=3", "d=4");
    assertThat(second.stop()).isEqualTo(Page.Stop.ROWS);

    Page third = store().read(t -> t.scan(second.rest().orElseThrow()));
    assertThat(third.rows()).isEmpty();
    assertThat(third.stop()).isEqualTo(Page.Stop.END);
    assertThat(third.rest()).isEmpty();
  }

  @Test
  default void scan_limitReverse_returnsTheRest() {
    put(store(), "a=1", "b=2", "c=3", "d=4");
    Page first = store().read(t -> t.scan(range("b", "z").reversed().limit(2)));
    assertThat(rows(first)).containsExactly("d=4", "c=3");
    assertThat(first.stop()).isEqualTo(Page.Stop.ROWS);
    Page second = store().read(t -> t.scan(first.rest().orElseThrow()));
    assertThat(rows(second)).containsExactly("b=2");
    assertThat(second.stop()).isEqualTo(Page.Stop.END);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  default void scan_manyBytes_continuesWithTheRest(boolean reverse) {
    List<String> expected = putLargeRows();
    Range all = reverse ? Range.all(ROWS).reversed() : Range.all(ROWS);
    List<String> scanned = new ArrayList<>();
    int pages = 0;
    Optional<Range> rest = Optional.of(all);
    while (rest.isPresent()) {
      Range range = rest.get();
      Page page = pages % 2 == 0
          ? store().read(t -> t.scan(range))
          : store().write(t -> t.scan(range)).result();
      assertThat(page.bytes()).isLessThanOrEqualTo(ReadTransaction.SCAN_BYTES_MAX);
      assertThat(page.stop()).isEqualTo(page.rest().isPresent() ? Page.Stop.BYTES : Page.Stop.END);
      page.rows().forEach(row -> scanned.add(text(row.key())));
      rest = page.rest();
      pages++;
      assertThat(page.rows().isEmpty() && rest.isPresent()).isFalse();
    }
    assertThat(pages).isGreaterThanOrEqualTo(3);
    assertThat(scanned).isEqualTo(reverse ? expected.reversed() : expected);
  }

  @Test
  default void scan_limitBeyondTheBytes_stopsAtTheByteLimit() {
    putLargeRows();
    Page page = store().read(t -> t.scan(Range.all(ROWS).limit(30)));
    assertThat(page.stop()).isEqualTo(Page.Stop.BYTES);
    assertThat(page.rest().orElseThrow().limit()).isEqualTo(30);
    Page few = store().read(t -> t.scan(Range.all(ROWS).limit(3)));
    assertThat(few.rows()).hasSize(3);
    assertThat(few.stop()).isEqualTo(Page.Stop.ROWS);
  }

  /** Writes 40 rows of 60,000 bytes and returns their keys. */
  private List<String> putLargeRows() {
    List<String> keys = new ArrayList<>();
    for (int i = 0; i < LARGE_ROWS; i++) {
      keys.add(String.format("%02d", i));
    }
    store()
        .write(
            t -> {
              keys.forEach(key -> t.put(ROWS, bytes(key), new byte[60_000]));
              return true;
            });
    return keys;
  }

  @Test
  default void scanAll_manyRanges_eachWithItsDirectionAndLimit() {
    put(store(), "a=1", "b=2", "c=3", "d=4");
    List<Page> pages =
        store()
            .read(
                t -> t.scanAll(
                    List.of(
                        range("c", "z"),
                        range("a", "c").reversed(),
                        Range.all(ROWS).limit(1),
                        range("x", "z"),
                        range("b", "b"),
                        Range.all(ROWS).reversed().limit(2),
                        Range.all(OTHERS))));
    assertThat(pages)
        .extracting(ContractFixture::rows)
        .containsExactly(
            List.of("c=3", "d=4"),
            List.of("b=2", "a=1"),
            List.of("a=1"),
            List.of(),
            List.of(),
            List.of("d=4", "c=3"),
            List.of());
    assertThat(pages)
        .extracting(Page::stop)
        .containsExactly(
            Page.Stop.END, Page.Stop.END, Page.Stop.ROWS, Page.Stop.END, Page.Stop.END,
            Page.Stop.ROWS, Page.Stop.END);
    assertThat(store().<List<Page>>read(t -> t.scanAll(List.of()))).isEmpty();
  }

  @Test
  default void scanAll_manyBytes_returnsUnfinishedRanges() {
    List<String> expected = putLargeRows();
    List<Range> ranges =
        List.of(
            range("x", "z"), range("00", "05"), range("05", "25").reversed(), range("25", "26"),
            range("26", "40"));
    TreeMap<String, Integer> scanned = new TreeMap<>();
    int calls = 0;
    while (!ranges.isEmpty()) {
      List<Range> asked = ranges;
      List<Page> pages =
          calls % 2 == 0
              ? store().read(t -> t.scanAll(asked))
              : store().write(t -> t.scanAll(asked)).result();
      assertThat(pages).hasSameSizeAs(asked);
      assertThat(pages.stream().mapToLong(Page::bytes).sum())
          .isBetween(1L, (long) ReadTransaction.SCAN_BYTES_MAX);
      List<Range> unfinished = new ArrayList<>();
      for (int i = 0; i < pages.size(); i++) {
        Page page = pages.get(i);
        page.rows().forEach(row -> scanned.merge(text(row.key()), 1, Integer::sum));
        assertThat(page.rows()).allMatch(row -> contains(asked, row.key()));
        assertThat(page.stop()).isEqualTo(page.rest().isEmpty() ? Page.Stop.END : Page.Stop.BYTES);
        page.rest().ifPresent(unfinished::add);
      }
      ranges = unfinished;
      calls++;
    }
    assertThat(calls).isGreaterThanOrEqualTo(3);
    assertThat(scanned.keySet()).containsExactlyElementsOf(expected);
    assertThat(scanned.values()).containsOnly(1);
  }

  private static boolean contains(List<Range> ranges, byte[] key) {
    return ranges.stream().anyMatch(range -> range.contains(key));
  }

  @Test
  default void deleteRange_bounds_onlyWithinThem() {
    put(store(), "a=1", "b=2", "b\0=3", "c=4", "d=5");
    store()
        .write(
            t -> {
              t.put(OTHERS, bytes("b"), bytes("kept"));
              t.deleteRange(range("b", "c"));
              return true;
            });
    assertThat(rows(store())).containsExactly("a=1", "c=4", "d=5");
    store()
        .write(
            t -> {
              t.deleteRange(range("d", "a"));
              t.deleteRange(range("a", "a"));
              t.deleteRange(range("x", "z"));
              return true;
            });
    assertThat(rows(store())).containsExactly("a=1", "c=4", "d=5");
    store()
        .write(
            t -> {
              t.deleteRange(Range.from(ROWS, bytes("c")).reversed().limit(1));
              return true;
            });
    assertThat(rows(store())).as("direction and limit do not matter").containsExactly("a=1");
    assertThat(rows(store(), Range.all(OTHERS))).containsExactly("b=kept");
  }

  @Test
  default void estimatedBytes_small_exact() {
    put(store(), "a=1", "bb=22", "c=");
    assertThat(estimatedBytes(store(), Range.all(ROWS))).isEqualTo(7);
    assertThat(estimatedBytes(store(), range("b", "c").reversed().limit(1))).isEqualTo(4);
    assertThat(estimatedBytes(store(), range("c", "b"))).isZero();
    assertThat(estimatedBytes(store(), Range.all(OTHERS))).isZero();
  }

  @Test
  default void estimatedBytes_large_atMostTheStoreSize() {
    putLargeRows();
    assertThat(estimatedBytes(store(), range("00", "10"))).isEqualTo(10 * 60_002);
    assertThat(estimatedBytes(store(), Range.all(ROWS)))
        .isBetween((long) ReadTransaction.SCAN_BYTES_MAX, store().sizeBytes());
  }
}
