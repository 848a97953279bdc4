package io.divan.document;

import static io.divan.document.TestDatabases.saved;
import static org.assertj.core.api.Assertions.assertThat;

import io.divan.storage.StorageAdapter;
import io.divan.storage.Table;
import io.divan.storage.WriteTransaction;
import io.divan.storage.fdb.CountingDatabase;
import io.divan.storage.fdb.simulation.SimulatedFoundationDb;
import io.divan.storage.tuple.TupleWriter;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What rules and observers cost on FoundationDB, in round trips before the commit. */
class FdbEditHooksCountTest {
  private static final Table INDEX = new Table(201, "test_index");

  /** An index on the whole body, kept in the databases whose names begin with {@code indexed}. */
  private record Index(WriteTransaction transaction) implements EditObserver {
    @Override
    public boolean needsBodies(String id) {
      return true;
    }

    @Override
    public void changed(List<DocumentChange> changes) {
      for (DocumentChange change : changes) {
        change.before().ifPresent(old -> transaction.delete(INDEX, key(change.id(), old)));
        change.after().ifPresent(now -> transaction.put(INDEX, key(change.id(), now), new byte[0]));
      }
    }

    private static byte[] key(String id, DocumentVersion version) {
      return new TupleWriter().add(version.body()).add(id).toBytes();
    }
  }

  private final CountingDatabase counting =
      new CountingDatabase(new SimulatedFoundationDb().open());
  private final StorageAdapter adapter = counting.adapter();
  private final Databases databases =
      new Databases(
          adapter,
          Clock.systemUTC(),
          store -> commit -> {},
          new EditHooks(
              List.of(
                  context -> context.database().equals("ruled")
                      ? Optional.of(edit -> edit.old().ifPresent(DocumentVersion::body))
                      : Optional.empty()),
              List.of(
                  context -> context.database().equals("validated")
                      ? Optional.of(edit -> edit.old().ifPresent(DocumentVersion::body))
                      : Optional.empty()),
              List.of(
                  (context, transaction) -> context.database().equals("indexed")
                      ? Optional.of(new Index(transaction))
                      : Optional.empty())));

  @BeforeEach
  void create() {
    for (String name : List.of("plain", "ruled", "validated", "indexed")) {
      databases.create(name);
      saved(databases.open(name), "{'_id':'first'}"); // what a new handle asks once
    }
    counting.take();
  }

  @AfterEach
  void close() {
    adapter.close();
  }

  /** Counts the operations of the second update of a hundred documents; one reads the counter. */
  private CountingDatabase.Counts update(String name) {
    return CountedUpdates.second(counting, databases, name, "'n':1", "'n':2");
  }

  @Test
  void update_withoutHooksOfItsOwn_readsLeavesOnly() {
    CountingDatabase.Counts counts = update("plain");
    assertThat(counts.readVersions()).isEqualTo(1);
    assertThat(counts.reads()).isEqualTo(101);
    assertThat(counts.rounds()).isEqualTo(1);
  }

  @Test
  void update_withRule_readsOldBodiesInTheSameRoundTrip() {
    CountingDatabase.Counts counts = update("ruled");
    assertThat(counts.readVersions()).isEqualTo(1);
    assertThat(counts.reads()).isEqualTo(201);
    assertThat(counts.rounds()).isEqualTo(1);
  }

  @Test
  void update_withObserver_readsOldBodiesInTheSameRoundTrip() {
    CountingDatabase.Counts plain = update("plain");
    CountingDatabase.Counts counts = update("indexed");
    assertThat(counts.readVersions()).isEqualTo(1);
    assertThat(counts.reads()).isEqualTo(201);
    assertThat(counts.rounds()).isEqualTo(1);
    assertThat(counts.writes()).isEqualTo(plain.writes() + 200);
  }

  @Test
  void update_withSlowRule_readsASnapshotFirst() {
    CountingDatabase.Counts counts = update("validated");
    assertThat(counts.readVersions()).isEqualTo(2);
    assertThat(counts.reads()).isEqualTo(301);
    assertThat(counts.rounds()).isEqualTo(2);
    assertThat(counts.commits()).isEqualTo(1);
  }
}
