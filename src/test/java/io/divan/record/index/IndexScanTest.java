package io.divan.record.index;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.storage.ReferenceAdapter;
import io.divan.storage.Seeds;
import io.divan.storage.Store;
import io.divan.storage.checked.CheckedAdapter;
import io.divan.storage.tuple.TupleReader;
import io.divan.storage.tuple.TupleWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Random ranges, directions and limits, continued after every page, against a list in memory. */
class IndexScanTest {
  private final IndexSpace space = new IndexSpace(IndexSpace.RECORDS, new byte[] {'p'});
  private final Store store =
      new CheckedAdapter(new ReferenceAdapter()).create("db", transaction -> {});

  @Test
  void read_pageByPage_returnsEachRowOnceInOrder() {
    Random random = new Random(Seeds.seed(20_261_801));
    TreeSet<Integer> present = new TreeSet<>();
    store.write(
        transaction -> {
          for (int number = 1; number <= 3; number++) {
            for (int i = 0; i < 300; i += 1 + i % 3) {
              byte[] key = space.key(IndexRows.VALUES, number, TupleWriter.pack(i));
              transaction.put(space.table(), key, new byte[random.nextInt(20)]);
              present.add(i);
            }
          }
          return true;
        });
    for (int run = 0; run < 200; run++) {
      List<IndexScan.KeyRange> ranges = new ArrayList<>();
      List<Integer> expected = new ArrayList<>();
      int at = random.nextInt(20);
      for (int count = random.nextInt(90); count >= 0 && at < 300; count--) {
        int to = at + random.nextInt(6);
        boolean open = random.nextInt(100) == 0;
        ranges.add(
            new IndexScan.KeyRange(
                TupleWriter.pack(at),
                open ? Optional.empty() : Optional.of(TupleWriter.pack(to))));
        expected.addAll(open ? present.tailSet(at) : present.subSet(at, to));
        at = open ? 300 : to + random.nextInt(6);
      }
      boolean reverse = random.nextBoolean();
      if (reverse) {
        Collections.reverse(expected);
      }
      assertThat(all(ranges, reverse, 1 + random.nextInt(40))).isEqualTo(expected);
    }
  }

  private List<Integer> all(List<IndexScan.KeyRange> ranges, boolean reverse, int rowsMax) {
    List<Integer> all = new ArrayList<>();
    IndexScan.Position position = IndexScan.Position.START;
    while (true) {
      IndexScan.Position from = position;
      IndexScan.Slice slice =
          store.read(
              transaction -> IndexScan.read(transaction, space, 2, ranges, reverse, from, rowsMax));
      assertThat(slice.rows().size()).isLessThanOrEqualTo(rowsMax);
      for (IndexScan.Row row : slice.rows()) {
        all.add(
            Math.toIntExact(new TupleReader(row.key()).nextLong()));
        position = row.position();
      }
      if (slice.end()) {
        return all;
      }
      assertThat(slice.rows()).isNotEmpty();
    }
  }

  @Test
  void read_asManyRowsAsTheRangesOfOneRoundTrip_continues() {
    List<IndexScan.KeyRange> ranges = new ArrayList<>();
    List<Integer> expected = new ArrayList<>();
    store.write(
        transaction -> {
          for (int i = 0; i < 70; i++) {
            byte[] key = space.key(IndexRows.VALUES, 2, TupleWriter.pack(i));
            transaction.put(space.table(), key, new byte[0]);
          }
          return true;
        });
    for (int i = 0; i < 70; i++) {
      ranges.add(IndexScan.KeyRange.below(TupleWriter.pack(i)));
      expected.add(i);
    }
    assertThat(all(ranges, false, 64)).isEqualTo(expected);
  }

  @Test
  void read_beyondTheBytesOfOneRead_saysSoAndContinues() {
    for (int i = 0; i < 3; i++) {
      byte[] first = TupleWriter.pack(i);
      store.write(
          transaction -> {
            for (int j = 0; j < 8; j++) {
              transaction.put(
                  space.table(),
                  space.key(
                      IndexRows.VALUES, 1, IndexSpace.concat(first, TupleWriter.pack(j))),
                  new byte[90_000]);
            }
            return true;
          });
    }
    List<IndexScan.KeyRange> ranges =
        List.of(
            IndexScan.KeyRange.below(TupleWriter.pack(0)),
            IndexScan.KeyRange.below(TupleWriter.pack(1)),
            IndexScan.KeyRange.below(TupleWriter.pack(2)));
    int rows = 0;
    int pages = 0;
    IndexScan.Position position = IndexScan.Position.START;
    boolean end = false;
    while (!end) {
      IndexScan.Position from = position;
      IndexScan.Slice slice =
          store.read(
              transaction -> IndexScan.read(transaction, space, 1, ranges, false, from, 1_000));
      rows += slice.rows().size();
      position = slice.rows().getLast().position();
      end = slice.end();
      assertThat(slice.bytes()).isEqualTo(!end);
      pages++;
    }
    assertThat(rows).isEqualTo(24);
    assertThat(pages).isEqualTo(3);
    assertThat(Arrays.equals(position.after(), TupleWriter.pack(2, 7))).isTrue();
  }
}
