package io.divan.document;

import static io.divan.document.TestDatabases.get;
import static io.divan.document.TestDatabases.saved;
import static io.divan.document.TestDatabases.update;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.divan.document.maintenance.DatabaseCheck;
import io.divan.document.revision.Sequence;
import io.divan.storage.NameRange;
import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageException;
import io.divan.storage.TransactionListener;
import io.divan.storage.Watch;
import io.divan.storage.checked.CheckedAdapter;
import io.divan.storage.fdb.FdbAdapter;
import io.divan.storage.fdb.simulation.Faults.Fault;
import io.divan.storage.fdb.simulation.SimulatedFoundationDb;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two instances of the service over one cluster. */
class FdbInstancesTest {
  private final SimulatedFoundationDb cluster = new SimulatedFoundationDb();
  private final StorageAdapter firstAdapter = adapter();
  private final StorageAdapter secondAdapter = adapter();
  private final Databases first = new Databases(firstAdapter, Clock.systemUTC());
  private final Databases second = new Databases(secondAdapter, Clock.systemUTC());

  private StorageAdapter adapter() {
    return new CheckedAdapter(
        new FdbAdapter(
            cluster.open(), FdbAdapter.Options.defaults(), TransactionListener.NONE));
  }

  @AfterEach
  void close() {
    cluster.faults().clear();
    firstAdapter.close();
    secondAdapter.close();
  }

  @Test
  void databases_createdDeletedCreatedAgain_areTheSameAtOnce() {
    for (int i = 0; i < 5; i++) {
      first.create("db");
      assertThat(second.list(NameRange.all())).containsExactly("db");
      String revision = saved(second.open("db"), "{'_id':'a','n':" + i + "}");
      assertThat(get(first.open("db"), "a")).contains(revision);
      Database old = first.open("db");
      second.delete("db");
      assertThatExceptionOfType(StorageException.DatabaseNotFound.class)
          .isThrownBy(() -> first.open("db"));
      assertThatExceptionOfType(StorageException.DatabaseNotFound.class)
          .isThrownBy(() -> update(old, "{'_id':'b'}"));
      second.create("db");
      assertThat(first.open("db").info().docCount()).isZero();
      assertThatExceptionOfType(StorageException.DatabaseNotFound.class)
          .isThrownBy(() -> update(old, "{'_id':'b'}"));
      assertThatExceptionOfType(StorageException.DatabaseNotFound.class).isThrownBy(old::info);
      first.delete("db");
      assertThat(second.list(NameRange.all())).isEmpty();
    }
  }

  @Test
  void find_anotherInstanceDeletedIt_isNotFound() {
    first.create("db");
    saved(first.open("db"), "{'_id':'a'}");
    second.delete("db");
    Database gone = first.openForRequest("db", Principal.SERVER_ADMIN);
    assertThatExceptionOfType(StorageException.DatabaseNotFound.class)
        .isThrownBy(() -> get(gone, "a"));
    assertThatExceptionOfType(StorageException.DatabaseNotFound.class)
        .isThrownBy(() -> first.openForRequest("db", Principal.SERVER_ADMIN));
  }

  @Test
  void find_anotherInstanceMadeANewOne_isTheNewOne() {
    first.create("db");
    Database old = first.open("db");
    old.revsLimit(2);
    saved(old, "{'_id':'a'}");
    second.delete("db");
    second.create("db");
    saved(first.openForRequest("db", Principal.SERVER_ADMIN), "{'_id':'b'}");
    assertThat(first.openForRequest("db", Principal.SERVER_ADMIN).revsLimit())
        .isEqualTo(Database.REVS_LIMIT_DEFAULT);
    assertThat(second.open("db").info().docCount()).isEqualTo(1);
    assertThatExceptionOfType(StorageException.DatabaseNotFound.class)
        .isThrownBy(() -> get(old, "b"));
  }

  @Test
  void find_used_staysWithItsIncarnation() {
    first.create("db");
    saved(first.open("db"), "{'_id':'a'}");
    Database found = first.openForRequest("db", Principal.SERVER_ADMIN);
    get(found, "a");
    second.delete("db");
    second.create("db");
    assertThatExceptionOfType(StorageException.DatabaseNotFound.class)
        .isThrownBy(() -> update(found, "{'_id':'b'}"));
    assertThat(second.open("db").info().docCount()).isZero();
  }

  @Test
  void documents_editedOnBoth_areOneHistory() {
    first.create("db");
    Database here = first.open("db");
    Database there = second.open("db");
    String revision = saved(here, "{'_id':'a','n':1}");
    String next = saved(there, "{'_id':'a','_rev':'" + revision + "','n':2}");
    assertThat(update(here, "{'_id':'a','_rev':'" + revision + "','n':3}"))
        .containsExactly("conflict: Document update conflict.");
    assertThat(get(here, "a")).contains(next);
    TestDatabases.check(there);
  }

  @Test
  void changes_ofTheOther_wakeAFeed() throws InterruptedException {
    first.create("db");
    Database here = first.open("db");
    Database there = second.open("db");
    Changes feed = here.changes(new Changes.Query(false, false, false, false));
    Sequence since = Sequence.ZERO;
    for (int i = 0; i < 10; i++) {
      Watch watch = feed.read(since, 100, true).watch().orElseThrow();
      saved(there, "{'_id':'doc" + i + "'}");
      assertThat(watch.await(Duration.ofSeconds(10))).isTrue();
      watch.close();
      Changes.Batch batch = feed.read(since, 100, false);
      assertThat(batch.changes()).extracting(Changes.Change::id).containsExactly("doc" + i);
      since = batch.last();
    }
  }

  @Test
  void feed_ofADatabaseDeletedByTheOther_wakes() throws InterruptedException {
    first.create("db");
    Changes feed = first.open("db").changes(new Changes.Query(false, false, false, false));
    Watch watch = feed.read(Sequence.ZERO, 100, true).watch().orElseThrow();
    second.delete("db");
    assertThat(watch.await(Duration.ofSeconds(10))).isTrue();
    watch.close();
    assertThatExceptionOfType(StorageException.DatabaseNotFound.class)
        .isThrownBy(() -> feed.read(Sequence.ZERO, 100, false));
  }

  @Test
  void revsLimit_changedOnOne_isNeverStaleOnTheOther() {
    first.create("db");
    first.create("other");
    Database here = first.open("db");
    Database there = second.open("db");
    for (int limit = 1; limit <= 50; limit++) {
      (limit % 2 == 0 ? here : there).revsLimit(limit);
      assertThat(here.revsLimit()).isEqualTo(limit);
      assertThat(there.revsLimit()).isEqualTo(limit);
      second.open("other").revsLimit(limit + 7);
      assertThat(here.revsLimit()).as("another database's").isEqualTo(limit);
    }
  }

  @Test
  void revsLimit_changedUnderAnEdit_countsForIt() {
    first.create("db");
    Database here = first.open("db");
    String revision = saved(here, "{'_id':'a'}");
    for (int n = 0; n < 5; n++) {
      revision = saved(here, "{'_id':'a','_rev':'" + revision + "'}");
    }
    second.open("db").revsLimit(2);
    saved(here, "{'_id':'a','_rev':'" + revision + "'}");
    ReadOptions revisions = new ReadOptions(true, false, false, false, false);
    assertThat(get(here, "a", revisions).split("\"ids\"")[1].split(",")).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void update_manyWritersOfOneDocument_oneWinsEachRevision(boolean unknownResults)
      throws Exception {
    first.create("db");
    Database[] databases = {first.open("db"), second.open("db")};
    String revision = saved(databases[0], "{'_id':'a'}");
    if (unknownResults) {
      cluster.faults().chance(Fault.UNKNOWN_COMMITTED, 0.3);
      cluster.faults().chance(Fault.UNKNOWN_NOT_COMMITTED, 0.3);
    }
    for (int round = 0; round < 3; round++) {
      String base = revision;
      List<Callable<List<String>>> writers = new ArrayList<>();
      for (int i = 0; i < 64; i++) {
        Database database = databases[i % 2];
        String edit = "{'_id':'a','_rev':'" + base + "','writer':" + i + "}";
        writers.add(() -> update(database, edit));
      }
      List<String> won = new ArrayList<>();
      for (String outcome : all(writers)) {
        if (outcome.startsWith("conflict")) {
          continue;
        }
        won.add(outcome);
      }
      assertThat(won).hasSize(1);
      revision = won.getFirst();
      assertThat(get(databases[0], "a")).contains(revision);
    }
    cluster.faults().clear();
    TestDatabases.check(databases[1]);
  }

  @Test
  void update_manyWritersOfManyDocuments_neverConflict() throws Exception {
    AtomicInteger conflicts = new AtomicInteger();
    StorageAdapter listening =
        new CheckedAdapter(
            new FdbAdapter(
                cluster.open(),
                FdbAdapter.Options.defaults(),
                report -> conflicts.addAndGet(report.conflicts())));
    Databases databases = new Databases(listening, Clock.systemUTC());
    databases.create("db");
    Database database = databases.open("db");
    List<Callable<List<String>>> writers = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      String id = "doc" + i;
      writers.add(
          () -> {
            String revision = saved(database, "{'_id':'" + id + "'}");
            for (int n = 0; n < 5; n++) {
              revision = saved(database, "{'_id':'" + id + "','_rev':'" + revision + "'}");
            }
            return List.of(revision);
          });
    }
    assertThat(all(writers)).hasSize(64);
    assertThat(conflicts).hasValue(0);
    assertThat(database.info().docCount()).isEqualTo(64);
    TestDatabases.check(database);
    listening.close();
  }

  private static List<String> all(List<Callable<List<String>>> writers) throws Exception {
    List<String> outcomes = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<List<String>> writer : threads.invokeAll(writers)) {
        outcomes.addAll(writer.get());
      }
    }
    return outcomes;
  }

  @Test
  void check_whileAnotherInstanceWritesAndSnapshotsExpire_findsNothing() throws Exception {
    first.create("db");
    Database here = first.open("db");
    Database there = second.open("db");
    String[] documents = new String[3_000];
    for (int i = 0; i < documents.length; i++) {
      documents[i] = "{'_id':'d" + i + "','n':" + i + "}";
    }
    update(here, documents);
    cluster.faults().chance(Fault.TOO_OLD_READ, 0.0005);
    AtomicInteger written = new AtomicInteger();
    // So many writes beside each check: without a bound the checks would never catch up.
    Semaphore writes = new Semaphore(0);
    try (ExecutorService writer = Executors.newSingleThreadExecutor()) {
      Future<Boolean> writing =
          writer.submit(
              () -> {
                for (int i = 0; written.get() >= 0; i++) {
                  writes.acquire();
                  String id = "e" + i % 50;
                  saved(there, "{'_id':'" + id + i + "'}");
                  update(there, "{'_id':'_local/" + id + "','n':" + i + "}");
                  written.updateAndGet(n -> n < 0 ? n : n + 1);
                }
                return true;
              });
      for (int i = 0; i < 5; i++) {
        int before = written.get();
        writes.release(200);
        assertThat(DatabaseCheck.problems(here)).isEmpty();
        while (written.get() == before && !writing.isDone()) {
          Thread.onSpinWait();
        }
      }
      written.set(-1);
      writes.release();
      assertThat(writing.get()).isTrue();
    }
    assertThat(cluster.faults().struck(Fault.TOO_OLD_READ)).isPositive();
    cluster.faults().clear();
    TestDatabases.check(here);
  }
}
