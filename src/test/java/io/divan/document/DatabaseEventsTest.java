package io.divan.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.ChildJvm;
import io.divan.storage.NameRange;
import io.divan.storage.ReferenceAdapter;
import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageException;
import io.divan.storage.TransactionListener;
import io.divan.storage.Versionstamp;
import io.divan.storage.checked.CheckedAdapter;
import io.divan.storage.fdb.FdbAdapter;
import io.divan.storage.fdb.simulation.Faults.Fault;
import io.divan.storage.fdb.simulation.SimulatedFoundationDb;
import io.divan.storage.redb.RedbAdapter;
import io.divan.storage.sqlite.SqliteFileAdapter;
import java.io.BufferedReader;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class DatabaseEventsTest {
  private static final int ALL = 1_000;

  @TempDir Path directory;

  /** Where databases are kept. */
  enum Backend {
    REFERENCE,
    REDB,
    SQLITE,
    FDB;

    StorageAdapter open(Path directory) {
      TransactionListener none = TransactionListener.NONE;
      return new CheckedAdapter(
          switch (this) {
            case REFERENCE -> new ReferenceAdapter();
            case REDB -> new RedbAdapter(RedbAdapter.Options.of(directory), none);
            case SQLITE ->
                new SqliteFileAdapter(SqliteFileAdapter.Options.of(directory), none);
            case FDB ->
                new FdbAdapter(
                    new SimulatedFoundationDb().open(), FdbAdapter.Options.defaults(), none);
          });
    }
  }

  private static Databases databases(StorageAdapter adapter) {
    return new Databases(adapter, Clock.systemUTC());
  }

  private static List<String> all(Databases databases) {
    return since(databases, Versionstamp.ZERO);
  }

  private static List<String> since(Databases databases, Versionstamp after) {
    return databases.events().list(after, ALL).stream()
        .map(event -> event.kind() + " " + event.database())
        .toList();
  }

  @ParameterizedTest
  @EnumSource
  void events_createdUpdatedDeleted_inOrder(Backend backend) {
    try (StorageAdapter adapter = backend.open(directory)) {
      Databases databases = databases(adapter);
      assertThat(databases.events().last()).isEqualTo(Versionstamp.ZERO);
      databases.create("a");
      databases.create("b");
      databases.create("c");
      assertThat(all(databases)).containsExactly("CREATED a", "CREATED b", "CREATED c");
      Versionstamp before = databases.events().last();
      TestDatabases.saved(databases.open("a"), "{'_id':'x'}");
      TestDatabases.saved(databases.open("a"), "{'_id':'y'}");
      databases.delete("b");
      databases.events().flush();
      assertThat(since(databases, before)).containsExactly("DELETED b", "UPDATED a");
      assertThat(all(databases)).containsExactly("CREATED c", "DELETED b", "UPDATED a");
      databases.create("b");
      assertThat(all(databases)).containsExactly("CREATED c", "UPDATED a", "CREATED b");
      List<DatabaseEvents.Event> events =
          databases.events().list(Versionstamp.ZERO, ALL);
      assertThat(events.getLast().sequence()).isEqualTo(databases.events().last());
      assertThat(databases.events().list(Versionstamp.ZERO, 1)).hasSize(1);
      databases.events().reconcile();
      assertThat(databases.events().list(Versionstamp.ZERO, ALL)).isEqualTo(events);
    }
  }

  @ParameterizedTest
  @EnumSource
  void events_refusedOrWithoutEffect_areNone(Backend backend) {
    try (StorageAdapter adapter = backend.open(directory)) {
      Databases databases = databases(adapter);
      databases.create("a");
      Versionstamp before = databases.events().last();
      assertThatThrownBy(() -> databases.create("a"))
          .isInstanceOf(StorageException.DatabaseExists.class);
      assertThatThrownBy(() -> databases.delete("b"))
          .isInstanceOf(StorageException.DatabaseNotFound.class);
      databases.open("a").update(List.of(TestDatabases.input("{'_id':'x','_rev':'1-a'}")));
      databases.events().flush();
      assertThat(since(databases, before)).isEmpty();
    }
  }

  @Test
  void flush_manyEdits_oneEventEachTime() {
    try (StorageAdapter adapter = Backend.REFERENCE.open(directory)) {
      Databases databases = databases(adapter);
      databases.create("a");
      Database one = databases.open("a");
      Database other = databases(adapter).open("a");
      for (int flush = 0; flush < 3; flush++) {
        Versionstamp before = databases.events().last();
        for (int i = 0; i < 5; i++) {
          TestDatabases.saved(one, "{'_id':'d" + flush + i + "'}");
        }
        databases.events().flush();
        databases.events().flush();
        assertThat(since(databases, before)).containsExactly("UPDATED a");
      }
      TestDatabases.saved(other, "{'_id':'elsewhere'}"); // of another instance
      Versionstamp before = databases.events().last();
      databases.events().flush();
      assertThat(since(databases, before)).isEmpty();
    }
  }

  @Test
  void flush_afterDeletion_writesNoUpdate() {
    try (StorageAdapter adapter = Backend.REFERENCE.open(directory)) {
      Databases databases = databases(adapter);
      databases.create("a");
      TestDatabases.saved(databases.open("a"), "{'_id':'x'}");
      databases.delete("a");
      databases.events().flush();
      assertThat(all(databases)).containsExactly("DELETED a");
    }
  }

  @ParameterizedTest
  @EnumSource
  void await_firesWithTheNextEvent(Backend backend) throws Exception {
    try (StorageAdapter adapter = backend.open(directory)) {
      Databases databases = databases(adapter);
      databases.create("a");
      Versionstamp last = databases.events().last();
      assertThat(databases.events().await(Versionstamp.ZERO, Duration.ofSeconds(30))).isTrue();
      CompletableFuture<Boolean> waiting =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return databases.events().await(last, Duration.ofSeconds(30));
                } catch (InterruptedException e) {
                  throw new IllegalStateException(e);
                }
              });
      databases.create("b");
      assertThat(waiting.get(30, TimeUnit.SECONDS)).isTrue();
      assertThat(since(databases, last)).containsExactly("CREATED b");
    }
  }

  /** Each creation and deletion makes three changes: the intent, the change, and its event. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void reconcile_afterACrash_writesWhatIsMissing(int changes) {
    try (StorageAdapter disk = Backend.REFERENCE.open(directory)) {
      databases(disk).create("old");
      Versionstamp before = databases(disk).events().last();
      CrashingAdapter process = new CrashingAdapter(disk, changes);
      Databases dying = databases(process);
      tryAll(process, () -> dying.create("new"), () -> dying.delete("old"),
          () -> dying.create("old"), () -> dying.delete("new"));
      Databases restarted = databases(disk);
      restarted.events().reconcile();
      assertEventsMatch(restarted);
      // Of a database that was deleted and created again, the creation is not lost.
      assertThat(since(restarted, before).contains("CREATED old")).isEqualTo(changes >= 8);
      List<String> events = all(restarted);
      databases(disk).events().reconcile();
      assertThat(all(restarted)).isEqualTo(events);
    }
  }

  private static void tryAll(CrashingAdapter process, Runnable... steps) {
    for (Runnable step : steps) {
      try {
        step.run();
      } catch (StorageException e) {
        assertThat(process.isAlive()).isFalse();
      }
    }
  }

  private static void assertEventsMatch(Databases databases) {
    List<DatabaseEvents.Event> events = databases.events().list(Versionstamp.ZERO, ALL);
    Set<String> present =
        events.stream()
            .filter(event -> event.kind() != DatabaseEvents.Kind.DELETED)
            .map(DatabaseEvents.Event::database)
            .collect(Collectors.toSet());
    assertThat(present).containsExactlyInAnyOrderElementsOf(databases.list(NameRange.all()));
    assertThat(events.stream().map(DatabaseEvents.Event::database)).doesNotHaveDuplicates();
  }

  @Test
  void flush_afterAFailedReport_retriesIt() {
    try (StorageAdapter disk = Backend.REFERENCE.open(directory)) {
      Databases databases = databases(new CrashingAdapter(disk, 2));
      databases.create("a"); // only its event fails
      assertThat(all(databases)).isEmpty();
      assertThatThrownBy(() -> databases.events().flush())
          .isInstanceOf(StorageException.StoreUnavailable.class);
      databases(disk).events().reconcile();
      assertThat(all(databases)).containsExactly("CREATED a");
    }
  }

  @Test
  void reconcile_databasesOfEarlierVersions_areReported() {
    try (StorageAdapter adapter = Backend.FDB.open(directory)) {
      Databases databases = databases(adapter);
      adapter.create("old", transaction -> {});
      databases.create("new");
      databases.events().reconcile();
      assertThat(all(databases)).containsExactly("CREATED new", "CREATED old");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"CONFLICT", "UNKNOWN_COMMITTED", "UNKNOWN_NOT_COMMITTED"})
  void fdb_failedCommits_leaveBothOrNeither(Fault fault) {
    SimulatedFoundationDb cluster = new SimulatedFoundationDb();
    FdbAdapter.Options noRetries =
        FdbAdapter.Options.defaults()
            .bounds(Duration.ofSeconds(10), 0)
            .maintenance(10, Duration.ofSeconds(1), false);
    try (StorageAdapter adapter =
        new CheckedAdapter(
            new FdbAdapter(cluster.open(), noRetries, TransactionListener.NONE))) {
      Databases databases = databases(adapter);
      int failed = 0;
      for (int i = 0; i < 40; i++) {
        cluster.faults().chance(fault, 0.5);
        String name = "d" + i % 4;
        boolean exists = exists(databases, name);
        try {
          if (exists) {
            databases.delete(name);
          } else {
            databases.create(name);
          }
        } catch (StorageException e) {
          failed++;
        }
        cluster.faults().clear();
        assertEventsMatch(databases);
      }
      assertThat(failed).isBetween(5, 35);
    }
  }

  private static boolean exists(Databases databases, String name) {
    return databases.list(NameRange.all()).contains(name);
  }

  @Test
  void kill_betweenIntentAndEvent_isReconciled() throws Exception {
    for (int round = 1; round <= 3; round++) {
      Process child = ChildJvm.program(EventsChild.class, directory.toString());
      try (BufferedReader out = child.inputReader()) {
        for (int line = 0; line < 10 * round + round; line++) {
          assertThat(out.readLine()).isNotNull();
        }
        child.toHandle().destroyForcibly();
        assertThat(child.waitFor(30, TimeUnit.SECONDS)).isTrue();
      } finally {
        child.destroyForcibly();
      }
      try (StorageAdapter adapter = Backend.REDB.open(directory)) {
        Databases databases = databases(adapter);
        databases.events().reconcile();
        assertEventsMatch(databases);
      }
    }
  }

  /** Creates and deletes databases until it is killed, and prints a line after each. */
  static final class EventsChild {
    private EventsChild() {}

    public static void main(String[] arguments) {
      Databases databases = databases(Backend.REDB.open(Path.of(arguments[0])));
      databases.events().reconcile();
      for (int i = 0; i < 100_000; i++) {
        String name = "d" + i % 7;
        if (exists(databases, name)) {
          databases.delete(name);
        } else {
          databases.create(name);
        }
        System.out.println(name);
      }
    }
  }
}
