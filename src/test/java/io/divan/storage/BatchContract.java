package io.divan.storage;

import static io.divan.storage.ContractFixture.bytes;
import static io.divan.storage.ContractFixture.put;
import static io.divan.storage.ContractFixture.range;
import static io.divan.storage.ContractFixture.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A scan across transactions continues after its last row, regardless of writes in between. */
interface BatchContract extends ContractFixture {

  private static BatchScan.Reader<String> atMost(int rowsMax) {
    return (transaction, rows) -> {
      int count = Math.min(rowsMax, rows.size());
      List<String> items = new ArrayList<>();
      for (KeyValue row : rows.subList(0, count)) {
        items.add(text(row.key()) + transaction.get(OTHERS, row.key()).map(x -> "+").orElse(""));
      }
      return new BatchScan.Batch<>(items, count);
    };
  }

  private static List<String> drain(BatchScan<String> scan) {
    List<String> items = new ArrayList<>();
    while (scan.hasMore()) {
      items.addAll(scan.next());
    }
    return items;
  }

  private void putLetters() {
    put(store(), "a=", "b=", "c=", "d=", "e=", "f=", "g=");
  }

  @Test
  default void scan_batches_coverTheWholeRange() {
    putLetters();
    store()
        .write(
            t -> {
              t.put(OTHERS, bytes("c"), bytes(""));
              return true;
            });
    for (int rowsMax : new int[] {1, 2, 3, 100}) {
      assertThat(drain(store().scan(range("b", "g"), Range.NO_LIMIT, atMost(rowsMax))))
          .containsExactly("b", "c+", "d", "e", "f");
      assertThat(drain(store().scan(range("b", "g").reversed(), Range.NO_LIMIT, atMost(rowsMax))))
          .containsExactly("f", "e", "d", "c+", "b");
    }
  }

  @Test
  default void scan_limit_appliesToTheWholeScan() {
    putLetters();
    BatchScan<String> scan = store().scan(Range.all(ROWS).limit(5), Range.NO_LIMIT, atMost(2));
    assertThat(scan.next()).containsExactly("a", "b");
    assertThat(scan.next()).containsExactly("c", "d");
    assertThat(scan.next()).containsExactly("e");
    assertThat(scan.hasMore()).isFalse();
    assertThat(scan.rest()).isEmpty();
    assertThat(scan.next()).isEmpty();
  }

  @Test
  default void scan_writesBetweenBatches_continuesAfterItsLastRow() {
    putLetters();
    BatchScan<String> scan = store().scan(Range.all(ROWS), Range.NO_LIMIT, atMost(3));
    assertThat(scan.next()).containsExactly("a", "b", "c");
    put(store(), "aa=", "cc=");
    store()
        .write(
            t -> {
              t.deleteRange(range("c", "cc"));
              t.delete(ROWS, bytes("e"));
              return true;
            });
    assertThat(drain(scan)).containsExactly("cc", "d", "f", "g");
  }

  @Test
  default void scan_rest_continuedByAnotherScan() {
    putLetters();
    for (Range range : List.of(Range.all(ROWS), Range.all(ROWS).reversed())) {
      BatchScan<String> scan = store().scan(range, Range.NO_LIMIT, atMost(4));
      List<String> items = new ArrayList<>(scan.next());
      items.addAll(drain(store().scan(scan.rest().orElseThrow(), Range.NO_LIMIT, atMost(4))));
      assertThat(items).hasSize(7).doesNotHaveDuplicates();
    }
  }

  @Test
  default void scan_restAfterABatch_keepsTheRangesLimitOnly() {
    putLetters();
    BatchScan<String> all = store().scan(Range.all(ROWS), 2, atMost(4));
    assertThat(all.next()).containsExactly("a", "b");
    assertThat(drain(store().scan(all.rest().orElseThrow(), Range.NO_LIMIT, atMost(4))))
        .containsExactly("c", "d", "e", "f", "g");

    BatchScan<String> five = store().scan(Range.all(ROWS).limit(5), 2, atMost(4));
    assertThat(five.next()).containsExactly("a", "b");
    assertThat(drain(store().scan(five.rest().orElseThrow(), Range.NO_LIMIT, atMost(4))))
        .containsExactly("c", "d", "e");
  }

  @Test
  default void scan_manyBytes_severalBatches() {
    store()
        .write(
            t -> {
              for (char key = 'a'; key <= 'z'; key++) {
                t.put(ROWS, bytes("" + key), new byte[90_000]);
              }
              return true;
            });
    BatchScan<String> scan = store().scan(Range.all(ROWS), Range.NO_LIMIT, atMost(100));
    assertThat(scan.next()).hasSizeBetween(1, 11);
    assertThat(drain(scan)).hasSizeBetween(15, 25).endsWith("y", "z");
  }

  @Test
  default void scan_readerTakesTooFewOrTooManyRows_refused() {
    putLetters();
    for (int rows : new int[] {0, -1, 8}) {
      BatchScan<String> scan =
          store()
              .scan(
                  Range.all(ROWS),
                  Range.NO_LIMIT,
                  (t, page) -> new BatchScan.Batch<>(List.of(), rows));
      assertThatIllegalStateException().isThrownBy(scan::next);
    }
  }
}
