package io.divan.document;

import static io.divan.document.TestDatabases.get;
import static io.divan.document.TestDatabases.saved;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.divan.document.maintenance.DatabaseCheck;
import io.divan.document.rows.Tables;
import io.divan.storage.KeyValue;
import io.divan.storage.Range;
import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.Table;
import io.divan.storage.TransactionListener;
import io.divan.storage.checked.CheckedAdapter;
import io.divan.storage.fdb.FdbAdapter;
import io.divan.storage.fdb.simulation.SimulatedFoundationDb;
import io.divan.storage.tuple.TupleWriter;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Instances of different versions over one cluster, as during a rolling upgrade. */
class FormatVersionsTest {
  private final SimulatedFoundationDb cluster = new SimulatedFoundationDb();
  private final StorageAdapter presentAdapter = adapter();
  private final StorageAdapter laterAdapter = adapter();
  private final Databases present = new Databases(presentAdapter, Clock.systemUTC());

  private StorageAdapter adapter() {
    return new CheckedAdapter(
        new FdbAdapter(
            cluster.open(), FdbAdapter.Options.defaults(), TransactionListener.NONE));
  }

  private Databases later(int majorMore, int minorMore) {
    return new Databases(
        laterAdapter,
        Clock.systemUTC(),
        new Format(
            Tables.FORMAT_NUMBER + majorMore,
            majorMore > 0 ? Tables.FORMAT_NUMBER + majorMore : Tables.FORMAT_WITHOUT_ATTACHMENTS,
            Tables.FORMAT_MINOR + minorMore));
  }

  @AfterEach
  void close() {
    presentAdapter.close();
    laterAdapter.close();
  }

  @Test
  void minor_newerDatabase_isUsedByBothAtOnce() {
    Databases later = later(0, 1);
    later.create("new");
    present.create("old");

    for (String name : List.of("new", "old")) {
      String first = saved(later.open(name), "{'_id':'a','by':'later'}");
      assertThat(get(present.open(name), "a")).contains("later");
      String second = saved(present.open(name), "{'_id':'a','_rev':'" + first + "','by':2}");
      saved(later.open(name), "{'_id':'a','_rev':'" + second + "','_deleted':true}");
      saved(present.open(name), "{'_id':'b'}");
      assertThat(later.open(name).info().docCount()).isEqualTo(1);
      assertThat(DatabaseCheck.problems(present.open(name))).isEmpty();
      assertThat(DatabaseCheck.problems(later.open(name))).isEmpty();
    }
  }

  /** What a minor format may add: rows with new keys, and fields at the end of values. */
  @Test
  void minor_unknownRowsAndFields_areIgnored() {
    Databases later = later(0, 1);
    later.create("db");
    String first = saved(later.open("db"), "{'_id':'a','text':'" + "x".repeat(200_000) + "'}");
    saved(later.open("db"), "{'_id':'gone','n':1}");
    saved(later.open("db"), "{'_id':'_local/point','n':1}");
    Store rows = laterAdapter.open("db");
    byte[] unknown = new TupleWriter().add("later").toBytes();
    rows.write(
        transaction -> {
          for (Table table : List.of(Tables.FORMAT, Tables.METADATA, Tables.STATS)) {
            transaction.put(table, unknown, new byte[Long.BYTES]);
          }
          for (Table table : List.of(Tables.ALL_DOCS, Tables.CHANGES, Tables.DOCS)) {
            for (KeyValue row : transaction.scan(Range.all(table)).rows()) {
              byte[] more = new TupleWriter().add("later").toBytes();
              byte[] value = Arrays.copyOf(
                  row.value(), row.value().length + more.length);
              System.arraycopy(more, 0, value, row.value().length, more.length);
              transaction.put(table, row.key(), value);
            }
          }
          return true;
        });

    Database db = present.open("db");
    assertThat(get(db, "a")).contains(first);
    String second = saved(db, "{'_id':'a','_rev':'" + first + "','n':2}");
    saved(db, "{'_id':'a','_rev':'" + second + "','_deleted':true}");
    assertThat(get(db, "gone")).contains("\"n\":1");
    assertThat(db.info().docCount()).isEqualTo(1);
    assertThat(DatabaseCheck.problems(db)).isEmpty();
    for (Table table : List.of(Tables.FORMAT, Tables.METADATA, Tables.STATS)) {
      Optional<byte[]> kept = rows.read(transaction -> transaction.get(table, unknown));
      assertThat(kept).isPresent();
    }
  }

  /** As with the first index: the older instance has the database open, and its settings cached. */
  @Test
  void major_raisedWhileOpen_isRefusedByTheOlderAtOnce() {
    present.create("db");
    Database open = present.open("db");
    saved(open, "{'_id':'a'}");
    laterAdapter
        .open("db")
        .write(
            transaction -> {
              transaction.put(
                  Tables.FORMAT,
                  Tables.FORMAT_KEY,
                  ByteBuffer.allocate(Integer.BYTES).putInt(Tables.FORMAT_NUMBER + 1).array());
              transaction.bumpConfigVersion();
              return true;
            });
    assertThatExceptionOfType(StorageException.StoreUnusable.class)
        .isThrownBy(() -> saved(open, "{'_id':'b'}"))
        .withMessageStartingWith("The database db has format 4");
  }

  @Test
  void major_newerDatabase_isRefusedByTheOlderOnly() {
    Databases later = later(1, 0);
    later.create("new");
    present.create("old");
    saved(later.open("new"), "{'_id':'a'}");

    assertThatExceptionOfType(StorageException.StoreUnusable.class)
        .isThrownBy(() -> present.open("new"))
        .withMessage(
            "The database new has format 4, and this version of Divan reads up to 3: open it with"
                + " the version that wrote it, or a newer one");
    saved(present.open("old"), "{'_id':'a'}");
    assertThat(get(later.open("old"), "a")).contains("\"_id\":\"a\"");
    assertThat(DatabaseCheck.problems(later.open("old"))).isEmpty();
  }
}
