package io.divan.storage.leveldb;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.storage.Range;
import io.divan.storage.StorageAdapter;
import io.divan.storage.Store;
import io.divan.storage.Table;
import io.divan.storage.TransactionListener;
import io.divan.storage.TransactionListener.Kind;
import io.divan.storage.checked.CheckedAdapter;
import io.divan.storage.fdb.FdbAdapter;
import io.divan.storage.fdb.simulation.SimulatedFoundationDb;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.iq80.leveldb.Options;
import org.iq80.leveldb.WriteBatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests how many transactions of the base each operation takes. */
class LevelDbCountsTest {
  private static final Table T = new Table(30, "rows");

  private final List<Kind> counted = Collections.synchronizedList(new ArrayList<>());
  private final StorageAdapter base =
      new FdbAdapter(
          new SimulatedFoundationDb().open(),
          FdbAdapter.Options.defaults(),
          report -> counted.add(report.kind()));

  @AfterEach
  void close() {
    base.close();
  }

  private long count(Kind kind) {
    return counted.stream().filter(kind::equals).count();
  }

  private static byte[] key(int i) {
    return new byte[] {(byte) (i >> 8), (byte) i};
  }

  @Test
  void library_eachOperation_isOneTransaction() {
    StorageAdapter checked = new CheckedAdapter(base);
    LevelDb db =
        LevelDb.open(
            checked.create("db", t -> {}), new Options(), LevelDbOptions.defaults());
    counted.clear();
    WriteBatch batch = db.createWriteBatch();
    IntStream.range(0, 1_000).forEach(i -> batch.put(key(i), new byte[100]));
    db.write(batch);
    assertThat(counted).containsExactly(Kind.WRITE);
    counted.clear();
    db.get(key(1));
    assertThat(counted).containsExactly(Kind.READ);
    counted.clear();
    db.iterator().forEachRemaining(entry -> {});
    assertThat(count(Kind.READ)).as("pages of 16, 64, 256 and the remaining rows").isEqualTo(4);
  }

  @Test
  void backend_readsAndWrites_takeFewTransactions() {
    InstantSource still = () -> Instant.parse("2030-01-01T00:00:00Z");
    try (StorageAdapter adapter =
        new CheckedAdapter(
            new LevelDbAdapter(
                base,
                ApiEngine.exclusive(),
                new LevelDbAdapter.Options(1, 10, Duration.ofMinutes(1), still),
                TransactionListener.NONE))) {
      Store store = adapter.create("db", t -> {});
      List<byte[]> keys = IntStream.range(0, 200).mapToObj(LevelDbCountsTest::key).toList();
      List<Range> ranges = keys.stream().map(key -> Range.prefix(T, key)).toList();
      store.write(
          transaction -> {
            keys.forEach(key -> transaction.put(T, key, key));
            return keys;
          });
      counted.clear();
      store.read(
          transaction -> {
            assertThat(transaction.getAll(T, keys)).hasSize(200);
            return transaction.scanAll(ranges);
          });
      assertThat(counted).containsExactly(Kind.READ);
      counted.clear();
      store.write(
          transaction -> {
            transaction.getAll(T, keys);
            transaction.scanAll(ranges);
            keys.forEach(key -> transaction.put(T, key, key));
            return transaction.scanAll(ranges);
          });
      assertThat(count(Kind.WRITE)).as("one for the batch").isEqualTo(1);
      assertThat(count(Kind.READ)).as("one for each call").isEqualTo(3);
    }
  }
}
