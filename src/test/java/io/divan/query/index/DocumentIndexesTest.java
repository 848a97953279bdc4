package io.divan.query.index;

import static io.divan.document.TestDatabases.saved;
import static io.divan.document.TestDatabases.text;
import static io.divan.document.TestDatabases.update;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.divan.background.ActiveTasks;
import io.divan.background.BackgroundTasks;
import io.divan.background.TaskLeases;
import io.divan.document.Database;
import io.divan.document.Databases;
import io.divan.document.IndexStorage;
import io.divan.document.Principal;
import io.divan.document.maintenance.DatabaseCheck;
import io.divan.json.CollatedKeys;
import io.divan.query.index.DatabaseIndexes.Availability;
import io.divan.query.plan.IndexDefinition;
import io.divan.query.plan.KeyRange;
import io.divan.record.index.IndexCatalog;
import io.divan.record.index.IndexHandle;
import io.divan.record.index.IndexRows;
import io.divan.record.index.IndexScan;
import io.divan.record.index.IndexState;
import io.divan.storage.KeyValue;
import io.divan.storage.ReferenceAdapter;
import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageException;
import io.divan.storage.checked.CheckedAdapter;
import io.divan.storage.tuple.TupleWriter;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DocumentIndexesTest {
  private static final String BY_A =
      "'language':'query','views':{'v':{'map':{'fields':{'a':'asc'}},'options':{}}}}";

  private static final KeyRange ALL =
      new KeyRange(new byte[0], new byte[] {CollatedKeys.ABOVE_ALL});

  private final StorageAdapter adapter = new CheckedAdapter(new ReferenceAdapter());
  private final BackgroundTasks tasks =
      new BackgroundTasks(TaskLeases.exclusive(), new ActiveTasks(Clock.systemUTC()));
  private final IndexBuilds builds = new IndexBuilds(tasks);

  @AfterEach
  void close() {
    builds.close();
    tasks.close();
    adapter.close();
  }

  /** A database as the service opens it. */
  private Database open() {
    return new Databases(adapter, Clock.systemUTC(), builds, builds.hooks())
        .open("db", Principal.SERVER_ADMIN);
  }

  private Database create() {
    new Databases(adapter, Clock.systemUTC()).create("db");
    return open();
  }

  private static DatabaseIndexes indexes(Database database) {
    return database.settings().derived(DatabaseIndexes.VALUE);
  }

  private boolean await(Database database, int number) throws InterruptedException {
    IndexDefinition definition = indexes(database).definitions().get(number);
    return builds.await(database, definition, Duration.ofSeconds(30));
  }

  private static List<IndexRow> rows(Database database, IndexDefinition definition) {
    return database.read(
        transaction -> {
          IndexReader reader =
              database
                  .settings()
                  .derived(transaction, DatabaseIndexes.VALUE)
                  .reader(definition)
                  .orElseThrow();
          return reader
              .read(transaction, List.of(ALL), false, IndexScan.Position.START, 100)
              .rows();
        });
  }

  private static List<String> ids(Database database) {
    return rows(database, indexes(database).definitions().getFirst()).stream()
        .map(IndexRow::id)
        .toList();
  }

  @Test
  void index_ofStoredDocuments_isBuiltAndKept() throws InterruptedException {
    Database database = create();
    update(
        database, "{'_id':'d1','a':'x'}", "{'_id':'d2','a':2}", "{'_id':'d3'}",
        "{'_id':'d4','a':1}");
    saved(database, "{'_id':'_design/i'," + BY_A);
    assertThat(await(database, 0)).isTrue();
    assertThat(ids(database)).containsExactly("d4", "d2", "d1");
    String revision = saved(database, "{'_id':'d5','a':null}");
    assertThat(ids(database)).containsExactly("d5", "d4", "d2", "d1");
    saved(database, "{'_id':'d5','_rev':'" + revision + "','_deleted':true}");
    assertThat(ids(database)).containsExactly("d4", "d2", "d1");
    assertThat(rows(database, indexes(database).definitions().getFirst()).getFirst().values())
        .hasValueSatisfying(values -> assertThat(text(values)).isEqualTo("[1]"));
  }

  @Test
  void designDocuments_ofEqualIndexes_shareOne() throws InterruptedException {
    Database database = create();
    saved(database, "{'_id':'d1','a':1}");
    String first = saved(database, "{'_id':'_design/i'," + BY_A);
    String second = saved(database, "{'_id':'_design/j'," + BY_A);
    assertThat(await(database, 0)).isTrue();
    assertThat(await(database, 1)).isTrue();
    assertThat(indexes(database).maintained()).hasSize(1);
    saved(database, "{'_id':'_design/i','_rev':'" + first + "','_deleted':true}");
    assertThat(indexes(database).definitions()).hasSize(1);
    assertThat(ids(database)).containsExactly("d1");
    saved(database, "{'_id':'_design/j','_rev':'" + second + "','_deleted':true}");
    assertThat(indexes(database).maintained()).isEmpty();
    assertThat(IndexRecount.finish(database.store())).isZero();
    assertThat(indexes(database).catalog().all()).isEmpty();
    List<KeyValue> left =
        database.read(
            transaction -> transaction
                .scan(DatabaseIndexes.SPACE.rows(IndexRows.VALUES, 1))
                .rows());
    assertThat(left).isEmpty();
  }

  @Test
  void database_withAnIndex_isRefusedByEarlierVersions() {
    Database database = create();
    saved(database, "{'_id':'_design/js','views':{'v':{'map':'function (doc) {}'}}}");
    assertThat(database.<Boolean>read(IndexStorage::isMarked)).isFalse();
    saved(database, "{'_id':'_design/i'," + BY_A);
    assertThat(database.<Boolean>read(IndexStorage::isMarked)).isTrue();
  }

  @Test
  void index_thatAnotherInstanceCreates_isKeptAtOnce() throws InterruptedException {
    Database database = create();
    Database other = open();
    String revision = saved(other, "{'_id':'d1','a':1}");
    saved(database, "{'_id':'_design/i'," + BY_A);
    String later = saved(other, "{'_id':'d1','_rev':'" + revision + "','a':2}");
    saved(other, "{'_id':'d2','a':1}");
    assertThat(await(database, 0)).isTrue();
    assertThat(ids(database)).containsExactly("d2", "d1");
    saved(other, "{'_id':'d1','_rev':'" + later + "','a':0}");
    assertThat(ids(database)).containsExactly("d1", "d2");
    assertThat(ids(other)).containsExactly("d1", "d2");
    assertThat(IndexRecount.compare(database.store())).isEqualTo(1);
  }

  @Test
  void index_thatAnEarlierVersionDidNotKeep_isCreatedByTheFirstQuery()
      throws InterruptedException {
    Databases earlier = new Databases(adapter, Clock.systemUTC());
    earlier.create("db");
    update(
        earlier.open("db", Principal.SERVER_ADMIN),
        "{'_id':'_design/i'," + BY_A,
        "{'_id':'d1','a':1}");
    Database database = open();
    saved(database, "{'_id':'d2','a':0}");
    IndexDefinition definition = indexes(database).definitions().getFirst();
    assertThat(indexes(database).availability(definition)).isEqualTo(Availability.MISSING);
    assertThat(database.<Boolean>read(IndexStorage::isMarked)).isFalse();
    assertThat(await(database, 0)).isTrue();
    assertThat(ids(database)).containsExactly("d2", "d1");
    assertThat(database.<Boolean>read(IndexStorage::isMarked)).isTrue();
  }

  @Test
  void index_thatAnEarlierVersionDidNotKeep_isCreatedWithTheNextDesignDocument() {
    Databases earlier = new Databases(adapter, Clock.systemUTC());
    earlier.create("db");
    saved(earlier.open("db", Principal.SERVER_ADMIN), "{'_id':'_design/i'," + BY_A);
    Database database = open();
    saved(database, "{'_id':'_design/js','views':{'v':{'map':'function (doc) {}'}}}");
    assertThat(indexes(database).maintained()).hasSize(1);
  }

  @Test
  void longValues_areCutAndKept() throws InterruptedException {
    Database database = create();
    saved(
        database,
        "{'_id':'_design/i','language':'query','views':{'v':{'map':{'fields':{'a':'asc',"
            + "'b':'asc'}},'options':{}}}}");
    String some = "x".repeat(500_000);
    String id = "i".repeat(2_000);
    update(
        database,
        "{'_id':'" + id + "','a':'" + some + "b','b':1}",
        "{'_id':'d2','a':'" + some + "a','b':2}",
        "{'_id':'d3','a':'w','b':'" + some + "'}",
        "{'_id':'d4','a':'" + some.substring(0, 3_500) + "','b':3}");
    assertThat(await(database, 0)).isTrue();
    List<IndexRow> rows = rows(database, indexes(database).definitions().getFirst());
    assertThat(rows).extracting(IndexRow::id).containsExactly("d3", "d2", "d4", id);
    assertThat(rows).allMatch(IndexRow::cut);
    assertThat(rows.get(1).columns()).isEqualTo(rows.get(3).columns()).hasSize(3_000);
    assertThat(rows.get(1).values()).isEmpty();
    assertThat(rows.get(2).values()).isPresent();
    assertThat(IndexRecount.compare(database.store())).isEqualTo(1);
  }

  @Test
  void definitions_thatCannotBeKept_areUnusableOrEmpty() throws InterruptedException {
    Database database = create();
    saved(
        database,
        "{'_id':'_design/i','language':'query','views':{"
            + "'v1':{'map':{'fields':{'_attachments.x':'asc'}},'options':{}},"
            + "'v2':{'map':{'fields':{'a..b':'asc'}},'options':{}},"
            + "'v3':{'map':{'fields':{'a':'asc'},'partial_filter_selector':{'a':{'$foo':1}}},"
            + "'options':{}}}}");
    saved(database, "{'_id':'d1','a':1}");
    assertThat(await(database, 0)).isFalse();
    assertThat(await(database, 1)).isTrue();
    assertThat(await(database, 2)).isTrue();
    for (IndexDefinition definition : indexes(database).definitions().subList(1, 3)) {
      assertThat(rows(database, definition)).isEmpty();
    }
  }

  /** Gives an index another version, as if another version of the service had created it. */
  private static void createOfVersion(Database database, String version) {
    database
        .store()
        .write(
            transaction -> {
              IndexStorage.begin(transaction);
              return IndexCatalog.createReadable(
                  transaction,
                  DatabaseIndexes.SPACE,
                  TupleWriter.pack(version, new byte[32]));
            });
  }

  @Test
  void indexOfAnEarlierVersion_isBuiltAgainAtTheNextEdit() throws InterruptedException {
    Databases earlier = new Databases(adapter, Clock.systemUTC());
    earlier.create("db");
    saved(earlier.open("db", Principal.SERVER_ADMIN), "{'_id':'_design/i'," + BY_A);
    Database database = open();
    createOfVersion(database, "1.1.100.0");
    saved(database, "{'_id':'d1','a':1}");
    List<IndexHandle> handles = indexes(database).catalog().all();
    assertThat(handles.stream().filter(handle -> handle.number() == 1))
        .allMatch(handle -> handle.state() == IndexState.DROPPING);
    assertThat(await(database, 0)).isTrue();
    assertThat(ids(database)).containsExactly("d1");
  }

  @Test
  void indexOfALaterVersion_refusesEdits() {
    Database database = create();
    createOfVersion(database, "99.1.100.0");
    assertThatExceptionOfType(StorageException.StoreUnusable.class)
        .isThrownBy(() -> saved(database, "{'_id':'d1','a':1}"))
        .withMessageContaining("has an index of version 99.1.100.0");
  }

  @Test
  void check_findsMissingAndDanglingRows() throws InterruptedException {
    Database database = create();
    saved(database, "{'_id':'_design/i'," + BY_A);
    saved(database, "{'_id':'d1','a':1}");
    assertThat(await(database, 0)).isTrue();
    saved(new Databases(adapter, Clock.systemUTC()).open("db", Principal.SERVER_ADMIN),
        "{'_id':'d2','a':1}");
    TestCheck check = new TestCheck();
    IndexCheck.run(database, check);
    assertThat(check.problems()).containsExactly("index 1 lacks rows, or has wrong ones: 1");
    assertThat(DatabaseCheck.problems(database)).isEmpty();
  }
}
