package io.divan.document.maintenance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.configuration.RuntimeConfiguration;
import io.divan.configuration.ValueType;
import io.divan.document.Database;
import io.divan.document.Databases;
import io.divan.document.TestAttachments;
import io.divan.document.TestDatabases;
import io.divan.document.revision.Sequence;
import io.divan.document.rows.Tables;
import io.divan.storage.KeyValue;
import io.divan.storage.NameRange;
import io.divan.storage.Range;
import io.divan.storage.ReferenceAdapter;
import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageException;
import io.divan.storage.Table;
import io.divan.storage.TransactionListener;
import io.divan.storage.checked.CheckedAdapter;
import io.divan.storage.redb.RedbAdapter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatabaseCopyTest {
  private static final LongConsumer NOBODY = rows -> {};

  @TempDir Path directory;

  private final StorageAdapter source = new CheckedAdapter(new ReferenceAdapter());
  private final Databases from = new Databases(source, Clock.systemUTC());
  private StorageAdapter target;
  private Databases to;

  @BeforeEach
  void open() {
    target =
        new CheckedAdapter(
            new RedbAdapter(RedbAdapter.Options.of(directory), TransactionListener.NONE));
    to = new Databases(target, Clock.systemUTC());
    from.create("db");
    TestDatabases.replicate(
        TestDatabases.open(from, "db"),
        "{'_id':'a','_revisions':{'start':2,'ids':['b2','a1']},'n':1}",
        "{'_id':'a','_revisions':{'start':2,'ids':['c2','a1']},'n':2}",
        "{'_id':'gone','_rev':'1-x','_deleted':true}",
        "{'_id':'_design/d','_rev':'1-dd','views':{}}",
        "{'_id':'_local/checkpoint','seq':7}");
    TestDatabases.open(from, "db").revsLimit(17);
  }

  @AfterEach
  void close() {
    target.close();
  }

  private DatabaseCopy copy() {
    return new DatabaseCopy(source, target, NOBODY);
  }

  private static List<String> rows(StorageAdapter adapter, String name) {
    List<String> rows = new ArrayList<>();
    for (Table table : Tables.ALL) {
      for (KeyValue row : adapter.open(name).read(t -> t.scan(Range.all(table)).rows())) {
        rows.add(
            table.name() + " " + HexFormat.of().formatHex(row.key()) + "="
                + HexFormat.of().formatHex(row.value()));
      }
    }
    return rows;
  }

  @Test
  void copy_attachments_areTheSame() {
    Database of = TestDatabases.open(from, "db");
    byte[] small = TestAttachments.bytes(1, 1_000);
    byte[] large = TestAttachments.bytes(2, 12_000_000);
    String revision = TestAttachments.put(of, "s", Optional.empty(), "x", small);
    TestAttachments.put(of, "l", Optional.empty(), "y", large);
    copy().copy("db");
    Database database = TestDatabases.open(to, "db");
    assertThat(DatabaseCheck.problems(database, true)).isEmpty();
    assertThat(TestAttachments.rows(database.store()))
        .isEqualTo(TestAttachments.rows(of.store()))
        .containsExactly(2L, 2L, 125L, 0L);
    assertThat(TestAttachments.read(database, "s", "x", Optional.of(revision)))
        .isEqualTo(small);
    assertThat(TestAttachments.read(database, "l", "y", Optional.empty())).isEqualTo(large);
    assertThat(rows(target, "db")).anyMatch(row -> row.startsWith("format ")
        && row.endsWith("=00000002"));
    TestAttachments.put(database, "m", Optional.empty(), "z", small);
    assertThat(TestAttachments.rows(database.store())).containsExactly(2L, 3L, 125L, 0L);
  }

  @Test
  void copy_everyKindOfRow_isTheSame() {
    DatabaseCopy.Copied copied = copy().copy("db");

    List<String> rows = rows(target, "db");
    assertThat(rows).isEqualTo(rows(source, "db")).hasSize((int) copied.rows());
    Database database = TestDatabases.open(to, "db");
    TestDatabases.check(database);
    assertThat(database.info().uuid()).isEqualTo(TestDatabases.open(from, "db").info().uuid());
    assertThat(database.revsLimit()).isEqualTo(17);
    Sequence last = database.updateSequence();
    assertThat(last).isEqualTo(TestDatabases.open(from, "db").updateSequence());
    TestDatabases.saved(database, "{'_id':'new'}");
    assertThat(database.updateSequence().isAfter(last)).isTrue();
    assertThat(database.updateSequence().number()).isEqualTo(last.number() + 1);
    TestDatabases.check(database);
  }

  @Test
  void copy_manyBatches_allRowsAndProgress() {
    String text = "x".repeat(50_000);
    for (int i = 0; i < 150; i++) {
      TestDatabases.saved(
          TestDatabases.open(from, "db"), "{'_id':'doc" + i + "','text':'" + text + "'}");
    }
    List<Long> told = new ArrayList<>();
    DatabaseCopy.Copied copied = new DatabaseCopy(source, target, told::add).copy("db");

    assertThat(copied.bytes()).isGreaterThan(7_500_000);
    assertThat(told).hasSizeGreaterThan(8).isSorted();
    assertThat(TestDatabases.open(to, "db").info().docCount())
        .isEqualTo(TestDatabases.open(from, "db").info().docCount());
    TestDatabases.check(TestDatabases.open(to, "db"));
  }

  @Test
  void copy_targetThere_isRefusedAndStays() {
    to.create("db");
    TestDatabases.saved(TestDatabases.open(to, "db"), "{'_id':'mine'}");
    assertThatThrownBy(() -> copy().copy("db"))
        .isInstanceOf(StorageException.DatabaseExists.class);
    assertThat(TestDatabases.open(to, "db").info().docCount()).isEqualTo(1);
  }

  @Test
  void copy_noSource_isNotFoundAndNothingIsMade() {
    assertThatThrownBy(() -> copy().copy("nope"))
        .isInstanceOf(StorageException.DatabaseNotFound.class);
    assertThat(target.list(NameRange.all())).isEmpty();
  }

  @Test
  void copy_fails_leavesNothing() {
    DatabaseCopy copy =
        new DatabaseCopy(
            source,
            target,
            rows -> {
              throw new IllegalArgumentException("mine");
            });
    assertThatThrownBy(() -> copy.copy("db")).hasMessage("mine");
    assertThat(target.list(NameRange.all())).isEmpty();
  }

  /** The target as it is where the process ends: nothing is deleted any more. */
  private StorageAdapter killedTarget() {
    return (StorageAdapter) Proxy.newProxyInstance(
        StorageAdapter.class.getClassLoader(),
        new Class<?>[] {StorageAdapter.class},
        (proxy, method, arguments) -> {
          if (method.getName().equals("delete")) {
            throw new StorageException.StoreUnavailable("killed");
          }
          try {
            return method.invoke(target, arguments);
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        });
  }

  @Test
  void copy_interrupted_isNoDatabaseUntilItIsCopiedAgain() {
    DatabaseCopy interrupted =
        new DatabaseCopy(
            source,
            killedTarget(),
            rows -> {
              if (rows > 5) {
                throw new IllegalArgumentException("killed");
              }
            });
    assertThatThrownBy(() -> interrupted.copy("db")).hasMessage("killed");
    assertThat(target.list(NameRange.all())).containsExactly("db");
    assertThatThrownBy(() -> TestDatabases.open(to, "db"))
        .isInstanceOf(StorageException.StoreUnusable.class)
        .hasMessage(
            "The database db is a copy that was not finished: run copy again, or delete it");
    assertThatThrownBy(
        () -> new DatabaseCopy(target, new CheckedAdapter(new ReferenceAdapter()), NOBODY)
            .copy("db"))
        .hasMessageContaining("is a copy that was not finished");

    copy().copy("db");
    assertThat(rows(target, "db")).isEqualTo(rows(source, "db"));
  }

  @Test
  void copy_stampsOfTheSourceAhead_isRefusedAndLeavesNothing() {
    to.create("ahead");
    TestDatabases.saved(TestDatabases.open(to, "ahead"), "{'_id':'a'}");
    assertThatThrownBy(() -> new DatabaseCopy(target, source, NOBODY).copy("ahead"))
        .isInstanceOf(StorageException.StoreUnusable.class)
        .hasMessageContaining("The last sequence of ahead")
        .hasMessageContaining("advanceversion");
    assertThat(source.list(NameRange.all())).containsExactly("db");
  }

  @Test
  void copy_sourceChangesMeanwhile_isRefusedAndLeavesNothing() {
    DatabaseCopy copy =
        new DatabaseCopy(
            source,
            target,
            rows -> TestDatabases.saved(
                TestDatabases.open(from, "db"), "{'_id':'late" + rows + "'}"));
    assertThatThrownBy(() -> copy.copy("db"))
        .isInstanceOf(StorageException.StoreUnavailable.class)
        .hasMessage("db was changed while it was copied: stop the service and copy again");
    assertThat(target.list(NameRange.all())).isEmpty();
  }

  @Test
  void copyServer_targetHasNone_isCopied() {
    String uuid = from.serverUuid();
    assertThat(copy().copyServer()).isTrue();
    assertThat(to.serverUuid()).isEqualTo(uuid);
    assertThat(copy().copyServer()).isFalse();
  }

  @Test
  void copyServer_settingsChangedAtRunTime_areCopied() {
    settings(source).set("s", "k", "changed", true);
    assertThat(copy().copyServer()).isTrue();
    assertThat(settings(target).value("s", "k")).isEqualTo("changed");
    settings(source).set("s", "k", "later", true);
    assertThat(copy().copyServer()).isFalse();
    assertThat(settings(target).value("s", "k")).isEqualTo("changed");
  }

  private static RuntimeConfiguration settings(StorageAdapter adapter) {
    RuntimeConfiguration settings = new RuntimeConfiguration(adapter::system);
    settings.declare(
        "s", "k", "p", ValueType.TEXT, "", RuntimeConfiguration.Trait.CHANGEABLE);
    return settings;
  }
}
