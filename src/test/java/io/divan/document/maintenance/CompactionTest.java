package io.divan.document.maintenance;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.background.ActiveTasks;
import io.divan.background.BackgroundTasks;
import io.divan.background.TaskLeases;
import io.divan.document.Database;
import io.divan.document.Databases;
import io.divan.document.EditHooks;
import io.divan.document.Principal;
import io.divan.document.TestDatabases;
import io.divan.document.rows.Stats;
import io.divan.document.rows.Tables;
import io.divan.storage.Range;
import io.divan.storage.ReferenceAdapter;
import io.divan.storage.Store;
import io.divan.storage.checked.CheckedAdapter;
import io.divan.storage.tuple.TupleReader;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CompactionTest {
  private final Database database = TestDatabases.create();
  private final Store store = database.store();

  @AfterEach
  void check() {
    TestDatabases.check(database);
  }

  private Compaction compact() {
    Compaction compaction = new Compaction(store, () -> false, done -> {});
    compaction.run();
    return compaction;
  }

  private String edited(String id, int edits, String value) {
    String revision = TestDatabases.saved(database, "{'_id':'" + id + "','v':'" + value + "'}");
    for (int i = 0; i < edits; i++) {
      String edit =
          "{'_id':'" + id + "','_rev':'" + revision + "','v':'" + value + i + "'}";
      revision = TestDatabases.saved(database, edit);
    }
    return revision;
  }

  private static long oldBytes(Database database) {
    return database.store().read(Stats::all)[6];
  }

  private List<String> bodies() {
    return store.read(
        tx -> tx.scan(Range.all(Tables.REV_DATA)).rows().stream()
            .map(row -> new TupleReader(row.key()))
            .map(key -> key.nextString() + " " + key.nextLong())
            .toList());
  }

  @Test
  void compact_editedDocuments_keepLeavesAlone() {
    edited("a", 3, "x");
    edited("b", 0, "x");
    TestDatabases.replicate(
        database,
        "{'_id':'c','_revisions':{'start':2,'ids':['x','a']}}",
        "{'_id':'c','_revisions':{'start':1,'ids':['a']}}",
        "{'_id':'c','_revisions':{'start':3,'ids':['z','y','a']}}",
        "{'_id':'c','_revisions':{'start':2,'ids':['y','a']}}");
    assertThat(bodies())
        .containsExactly("a 1", "a 2", "a 3", "a 4", "b 1", "c 1", "c 2", "c 2", "c 3");
    Compaction compaction = compact();
    assertThat(bodies()).containsExactly("a 4", "b 1", "c 2", "c 3");
    assertThat(compaction.documents()).isEqualTo(3);
    assertThat(compaction.removedBytes()).isPositive();
    assertThat(compact().removedBytes()).isZero();
  }

  @Test
  void compact_largeHistory_isRemovedInParts() {
    edited("a", 9, "x".repeat(800_000));
    assertThat(compact().removedBytes()).isGreaterThan(7_000_000);
    assertThat(bodies()).containsOnly("a 10");
  }

  @Test
  void compact_manyLeaves_leavesThem() {
    List<String> edits = new ArrayList<>();
    for (int i = 0; i < 1_200; i++) {
      edits.add("{'_id':'m','_revisions':{'start':2,'ids':['" + i + "x','a']}}");
    }
    edits.add("{'_id':'m','_revisions':{'start':1,'ids':['a']}}");
    TestDatabases.replicate(database, edits.toArray(String[]::new));
    edited("n", 1, "x");
    compact();
    assertThat(TestDatabases.get(database, "n")).contains("x0");
    int below = store.read(tx -> tx.scan(Tables.bodiesBelow("m", 2)).rows().size());
    assertThat(below).isZero();
  }

  @Test
  void compact_editedMeanwhile_keepsTheNewLeaf() {
    String revision = edited("a", 2, "x");
    AtomicInteger asked = new AtomicInteger();
    new Compaction(
        store,
        () -> {
          if (asked.incrementAndGet() == 2) { // found already, not yet removed
            TestDatabases.saved(database, "{'_id':'a','_rev':'" + revision + "','v':'new'}");
          }
          return false;
        },
        done -> {})
        .run();
    assertThat(asked).hasValueGreaterThan(2);
    assertThat(bodies()).containsExactly("a 4");
    assertThat(TestDatabases.get(database, "a")).contains("new");
  }

  @Test
  void compact_stopped_goesOnLater() {
    edited("a", 9, "x".repeat(800_000));
    AtomicBoolean stopped = new AtomicBoolean();
    AtomicInteger asked = new AtomicInteger();
    new Compaction(
        store,
        () -> {
          stopped.set(asked.incrementAndGet() > 2);
          return stopped.get();
        },
        done -> {})
        .run();
    assertThat(bodies()).contains("a 5").doesNotContain("a 1");
    TestDatabases.check(database);
    compact();
    assertThat(bodies()).containsOnly("a 10");
  }

  @Test
  void compact_neverCounted_countsAnew() {
    edited("a", 3, "x");
    store.write(
        tx -> { // as a file of an earlier version
          tx.delete(Tables.METADATA, Tables.OLD_BYTES_KNOWN);
          tx.delete(Tables.STATS, Tables.SIZE_OLD);
          tx.bumpConfigVersion();
          return true;
        });
    edited("b", 1, "x");
    TestDatabases.check(database);
    compact();
    assertThat(oldBytes(database)).isZero();
    edited("c", 1, "x");
    assertThat(oldBytes(database)).isPositive();
  }

  @Test
  void database_muchOutweighed_isCompactedUnasked() throws InterruptedException {
    Clock clock = Clock.systemUTC();
    try (BackgroundTasks tasks =
        new BackgroundTasks(TaskLeases.exclusive(), new ActiveTasks(clock))) {
      Compactions compactions = new Compactions(tasks, clock, store -> {});
      Databases databases =
          new Databases(
              new CheckedAdapter(new ReferenceAdapter()), clock, compactions, EditHooks.NONE);
      databases.create("big");
      Database big = databases.open("big", Principal.SERVER_ADMIN);
      String large = "x".repeat(4_000_000);
      String revision = "";
      for (int i = 0; i < 22; i++) {
        String base = revision.isEmpty() ? "" : "'_rev':'" + revision + "',";
        revision =
            TestDatabases.saved(big, "{'_id':'a'," + base + "'v':'" + large + i + "'}");
      }
      long deadline = System.nanoTime() + 20_000_000_000L;
      while (oldBytes(big) > 64_000_000 && System.nanoTime() < deadline) {
        Thread.onSpinWait();
      }
      assertThat(oldBytes(big)).isLessThan(64_000_000);
      TestDatabases.check(big);
    }
  }
}
