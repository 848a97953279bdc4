package io.divan.query.index;

import static io.divan.document.TestDatabases.saved;
import static org.assertj.core.api.Assertions.assertThat;

import io.divan.document.CountedUpdates;
import io.divan.document.Database;
import io.divan.document.Databases;
import io.divan.document.Principal;
import io.divan.document.TestDatabases;
import io.divan.document.WinnerReader;
import io.divan.storage.StorageAdapter;
import io.divan.storage.fdb.CountingDatabase;
import io.divan.storage.fdb.simulation.SimulatedFoundationDb;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the indexes of documents cost on FoundationDB, in round trips before the commit. */
class FdbDocumentIndexCountTest {
  private final CountingDatabase counting =
      new CountingDatabase(new SimulatedFoundationDb().open());
  private final StorageAdapter adapter = counting.adapter();
  private final Databases databases =
      new Databases(adapter, Clock.systemUTC(), store -> commit -> {}, IndexHooks.WITHOUT_BUILDS);

  @BeforeEach
  void create() {
    for (String name : List.of("plain", "indexed")) {
      databases.create(name);
      saved(open(name), "{'_id':'first'}"); // what a new handle asks once
    }
    Database indexed = open("indexed");
    saved(
        indexed,
        "{'_id':'_design/i','language':'query','views':{'v':{'map':{'fields':{'n':'asc'}},"
            + "'options':{}},'w':{'map':{'fields':{'m':'asc'}},'options':{}}}}");
    IndexRecount.finish(indexed.store());
  }

  @AfterEach
  void close() {
    adapter.close();
  }

  private Database open(String name) {
    return databases.openForRequest(name, Principal.SERVER_ADMIN);
  }

  /** Counts the operations of the second update of a hundred documents. */
  private CountingDatabase.Counts update(String name) {
    return CountedUpdates.second(counting, databases, name, "'n':1,'m':1", "'n':2,'m':1");
  }

  @Test
  void update_withoutIndexes_readsLeavesOnly() {
    CountingDatabase.Counts counts = update("plain");
    assertThat(counts.readVersions()).isEqualTo(1);
    assertThat(counts.reads()).isEqualTo(101);
    assertThat(counts.rounds()).isEqualTo(1);
  }

  @Test
  void update_ofOneOfTwoIndexes_isOneRoundTripAndTwoRowsPerDocument() {
    CountingDatabase.Counts plain = update("plain");
    CountingDatabase.Counts counts = update("indexed");
    assertThat(counts.readVersions()).isEqualTo(1);
    assertThat(counts.reads()).isEqualTo(201);
    assertThat(counts.rounds()).isEqualTo(1);
    assertThat(counts.writes()).isEqualTo(plain.writes() + 200);
  }

  @Test
  void winners_areReadInOneRoundTrip() {
    update("plain");
    Database database = open("plain");
    List<String> ids = IntStream.range(0, 100).mapToObj(i -> "doc" + i).toList();
    database.read(transaction -> database.winners().read(transaction, List.of("doc0"), false));
    counting.take();
    List<WinnerReader.Winner> winners =
        database
            .read(transaction -> database.winners().read(transaction, ids, false))
            .stream()
            .flatMap(Optional::stream)
            .toList();
    assertThat(winners).hasSize(100).allMatch(w -> TestDatabases.text(w.body()).contains("2"));
    assertThat(counting.take().rounds()).isEqualTo(1);
  }
}
