package io.divan.storage.fdb;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.apple.foundationdb.Database;
import com.apple.foundationdb.KeyValue;
import com.apple.foundationdb.directory.DirectoryLayer;
import com.apple.foundationdb.tuple.Tuple;
import io.divan.storage.Limits;
import io.divan.storage.NameRange;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.Table;
import io.divan.storage.TransactionListener;
import io.divan.storage.Versionstamp;
import io.divan.storage.fdb.simulation.SimulatedFoundationDb;
import io.divan.storage.tuple.TupleWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The layout of keys, and what the adapter refuses because of it. */
class FdbLayoutTest {
  private static final Table ROWS = new Table(18, "rows");

  private final SimulatedFoundationDb cluster = new SimulatedFoundationDb();
  private final Database raw = cluster.open();
  private final FdbAdapter adapter = adapter("divan");

  private FdbAdapter adapter(String directory) {
    return new FdbAdapter(cluster.open(), options(directory), TransactionListener.NONE);
  }

  private static FdbAdapter.Options options(String... directory) {
    return FdbAdapter.Options.defaults()
        .directory(List.of(directory))
        .maintenance(100, Duration.ofSeconds(1), false);
  }

  @AfterEach
  void close() {
    adapter.close();
    raw.close();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  private byte[] layer() {
    return raw.read(
        transaction -> new DirectoryLayer().open(transaction, List.of("divan"), new byte[0]).join()
            .getKey());
  }

  /** The rows below the directory: keys as tuples, without the part after a table's code. */
  private List<String> rows() {
    byte[] layer = layer();
    List<KeyValue> rows =
        raw.read(
            transaction -> transaction.getRange(layer, KeySpace.afterPrefix(layer)).asList()
                .join());
    return rows.stream()
        .map(row -> Tuple.fromBytes(row.getKey(), layer.length, row.getKey().length - layer.length))
        .map(tuple -> tuple.getLong(0) == 255 ? "id" : tuple.toString())
        .toList();
  }

  @Test
  void keys_ofADatabase_areTuplesOnEveryLevel() {
    Store store = adapter.create("a/b", transaction -> {});
    store.write(
        transaction -> {
          transaction.put(ROWS, new TupleWriter().add("oslo").toBytes(), bytes("1"));
          return true;
        });
    adapter.maintain();
    byte[] value =
        raw.read(
            transaction -> transaction
                .get(KeySpace.join(layer(), Tuple.from(1, "a/b").pack()))
                .join());
    byte[] prefix = Tuple.fromBytes(value).getBytes(0);
    String text = Tuple.from((Object) prefix).toString();
    String inner = text.substring(1, text.length() - 1);
    long candidate = Tuple.fromBytes(prefix).getLong(0);
    assertThat(rows())
        .containsExactly(
            "(0, \"format\")",
            "(1, \"a/b\")",
            "(2, 0, 0)",
            "(2, 1, " + candidate + ")",
            "(15, b\"\", \"version\")",
            "(15, " + inner + ", \"version\")",
            "(15, " + inner + ", 18, \"oslo\")");
  }

  @Test
  void storeSpace_keys_haveTheirDocumentedBytes() {
    KeySpace keys = new KeySpace(new byte[] {0x15, 0x2A});
    StoreSpace places = keys.store(new byte[] {0x15, 0x07});
    assertThat(places.key(ROWS, new TupleWriter().add("oslo").toBytes()))
        .asHexString()
        .isEqualTo("152A150F0115070015" + "1202" + "6F736C6F00");
    assertThat(keys.database("db")).asHexString().isEqualTo("152A150102646200");
    assertThat(keys.transactionId(1, new byte[] {9}, 7))
        .asHexString()
        .isEqualTo("152A15FF15010109001507");
    assertThat(places.versionKey())
        .asHexString()
        .isEqualTo("152A150F01150700" + "0276657273696F6E00");
    assertThat(places.tableBytes(ROWS)).isEqualTo(places.table(ROWS).length);
    Table first = new Table(0, "format");
    assertThat(places.tableBytes(first)).isEqualTo(places.table(first).length);
  }

  @Test
  void delete_database_leavesNoRows() {
    List<String> before = rows();
    Store store = adapter.create("db", transaction -> {});
    store.write(
        transaction -> {
          transaction.put(ROWS, bytes("a"), bytes("1"));
          return true;
        });
    adapter.delete("db");
    adapter.maintain();
    assertThat(rows())
        .filteredOn(row -> !row.startsWith("(2,"))
        .isEqualTo(before);
  }

  @Test
  void directories_twoInOneCluster_areIsolated() {
    try (FdbAdapter other = adapter("other")) {
      adapter.create("db", transaction -> {});
      assertThat(other.list(NameRange.all())).isEmpty();
      other.create("db", transaction -> {});
      other.delete("db");
      assertThat(adapter.list(NameRange.all())).containsExactly("db");
    }
  }

  @Test
  void open_directoryOfNewerFormat_isRefused() {
    raw.run(
        transaction -> {
          transaction.set(
              KeySpace.join(layer(), Tuple.from(0, "format").pack()), Tuple.from(2).pack());
          return true;
        });
    assertThatExceptionOfType(StorageException.StoreUnusable.class)
        .isThrownBy(() -> adapter("divan"))
        .withMessageContaining(
            "divan has format 2, but this version of Divan reads formats up to 1");
  }

  @Test
  void open_stampsAheadOfTheCluster_isRefused() {
    byte[] key = bytes("last");
    adapter.create("db", transaction -> {});
    adapter.create("fine", transaction -> {});
    adapter
        .open("db")
        .write(
            transaction -> {
              transaction.put(ROWS, key, new Versionstamp(1L << 50, 0, 0).toBytes());
              return true;
            });
    FdbAdapter.Options options = options("divan").newestStamp(new FdbAdapter.StampRow(ROWS, key));
    try (FdbAdapter restored =
        new FdbAdapter(cluster.open(), options, TransactionListener.NONE)) {
      assertThatExceptionOfType(StorageException.StoreUnusable.class)
          .isThrownBy(() -> restored.open("db"))
          .withMessageContaining("fdbcli --exec \"advanceversion " + ((1L << 50) + 1) + "\"");
      assertThat(restored.open("fine").name()).isEqualTo("fine");
      Store fine = restored.open("fine");
      fine.write(
          transaction -> {
            transaction.putStampedValue(ROWS, key, new byte[0], transaction.stamp(), new byte[0]);
            return true;
          });
    }
    try (FdbAdapter again = new FdbAdapter(cluster.open(), options, TransactionListener.NONE)) {
      assertThat(again.open("fine").name()).isEqualTo("fine");
    }
  }

  @Test
  void allocate_manyDatabases_neverRepeatsAPrefix() throws Exception {
    Set<String> prefixes = new HashSet<>();
    PrefixAllocator allocator = new PrefixAllocator(adapter.keys(), new Random(7));
    Transactions transactions =
        new Transactions(raw, Duration.ofSeconds(10), 1_000, TransactionListener.NONE,
            watches -> {});
    List<Callable<byte[]>> creators = new ArrayList<>();
    for (int i = 0; i < 600; i++) {
      creators.add(() -> transactions.runUnreported(allocator::allocate));
    }
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      for (Future<byte[]> prefix : threads.invokeAll(creators)) {
        assertThat(prefixes.add(Arrays.toString(prefix.get()))).isTrue();
        assertThat(prefix.get()).hasSizeBetween(1, 3);
      }
    }
  }

  @Test
  void write_tooLarge_namesTheLimitAndTheSize() {
    Store store = adapter.create("db", transaction -> {});
    assertThatExceptionOfType(StorageException.LimitExceeded.class)
        .isThrownBy(() -> put(store, new byte[Limits.ADAPTER_KEY_BYTES_MAX + 1], 1, 0))
        .satisfies(e -> assertThat(e.limit()).isEqualTo(Limits.Limit.KEY))
        .satisfies(e -> assertThat(e.actual()).isEqualTo(8_449));
    assertThatExceptionOfType(StorageException.LimitExceeded.class)
        .isThrownBy(() -> put(store, bytes("k"), 1, 100_001))
        .satisfies(e -> assertThat(e.limit()).isEqualTo(Limits.Limit.VALUE));
    assertThatExceptionOfType(StorageException.LimitExceeded.class)
        .isThrownBy(() -> put(store, bytes("k"), 100, 100_000))
        .satisfies(e -> assertThat(e.limit()).isEqualTo(Limits.Limit.TRANSACTION))
        .satisfies(e -> assertThat(e.actual()).isBetween(9_900_000L, 10_100_000L));
  }

  @Test
  void write_manyTinyRows_areRefusedBeforeTheClusterRefuses() {
    Store store = adapter.create("db", transaction -> {});
    assertThatExceptionOfType(StorageException.LimitExceeded.class)
        .isThrownBy(() -> putTiny(store, 200_000));
    putTiny(store, 80_000);
  }

  private static void putTiny(Store store, int count) {
    store.write(
        transaction -> {
          for (int i = 0; i < count; i++) {
            transaction.put(ROWS, new TupleWriter().add(i).toBytes(), new byte[0]);
          }
          return true;
        });
  }

  private static void put(Store store, byte[] key, int times, int valueBytes) {
    store.write(
        transaction -> {
          for (int i = 0; i < times; i++) {
            transaction.put(ROWS, KeySpace.join(key, i == 0 ? new byte[0] : new byte[] {(byte) i}),
                new byte[valueBytes]);
          }
          return true;
        });
  }
}
