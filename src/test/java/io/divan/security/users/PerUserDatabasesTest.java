package io.divan.security.users;

import static io.divan.document.TestDatabases.text;
import static io.divan.document.TestDatabases.utf8;
import static io.divan.security.users.TestUsers.ADMIN;
import static org.assertj.core.api.Assertions.assertThat;

import io.divan.background.ActiveTasks;
import io.divan.background.BackgroundTasks;
import io.divan.background.ManualTimer;
import io.divan.document.Database;
import io.divan.document.Databases;
import io.divan.document.ReadOptions;
import io.divan.document.SecurityObject;
import io.divan.document.TestDatabases;
import io.divan.storage.NameRange;
import io.divan.storage.StorageAdapter;
import io.divan.storage.TransactionListener;
import io.divan.storage.fdb.FdbAdapter;
import io.divan.storage.fdb.simulation.Faults;
import io.divan.storage.fdb.simulation.SimulatedFoundationDb;
import io.divan.storage.redb.RedbAdapter;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Databases of single users, by instances over one simulated cluster, in the test's time. */
class PerUserDatabasesTest {
  private static final String PREFIX = "org.couchdb.user:";
  private static final String BOB = "userdb-626f62";
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration LEASE = Duration.ofSeconds(30);

  private final ManualTimer timer = new ManualTimer();
  private final SimulatedFoundationDb cluster = new SimulatedFoundationDb();
  private final AtomicBoolean enabled = new AtomicBoolean(true);
  private final AtomicBoolean deletes = new AtomicBoolean();
  private final AtomicReference<String> prefix = new AtomicReference<>("userdb-");
  private final PerUserSettings settings =
      new PerUserSettings(enabled::get, deletes::get, prefix::get);
  private final List<Instance> instances = new ArrayList<>();

  /** One instance of the service. */
  private final class Instance {
    final StorageAdapter adapter =
        new FdbAdapter(cluster.open(), FdbAdapter.Options.defaults(), TransactionListener.NONE);
    final Databases databases = new Databases(adapter, Clock.systemUTC());
    final BackgroundTasks tasks =
        timer.tasks(
            new ActiveTasks(Clock.systemUTC()),
            adapter::system,
            "instance " + instances.size());
    final PerUserDatabases perUser =
        new PerUserDatabases(databases, adapter::system, tasks, settings);

    Instance() {
      instances.add(this);
    }

    void stop() {
      instances.remove(this);
      perUser.close();
      tasks.close();
      adapter.close();
    }
  }

  private final Instance first = new Instance();

  @BeforeEach
  void start() {
    first.databases.create("_users");
    first.perUser.follow();
  }

  @AfterEach
  void stop() {
    cluster.faults().clear();
    List.copyOf(instances).forEach(Instance::stop);
  }

  private static Database users(Instance instance) {
    return instance.databases.open("_users", ADMIN);
  }

  private String save(String name) {
    return TestDatabases.update(users(instances.getLast()), "{'_id':'" + PREFIX + name + "'}")
        .getFirst();
  }

  private void remove(String name) {
    String revision =
        users(instances.getLast()).get(PREFIX + name, false, ReadOptions.NONE).revision();
    TestDatabases.update(
        users(instances.getLast()),
        "{'_id':'" + PREFIX + name + "','_rev':'" + revision + "','_deleted':true}");
  }

  private List<String> names() {
    List<String> names =
        new ArrayList<>(instances.getLast().databases.list(NameRange.all()));
    names.remove("_users");
    return names;
  }

  private Database database(String name) {
    return instances.getLast().databases.open(name, ADMIN);
  }

  private String security(String name) {
    return text(database(name).settings().security().json());
  }

  @Test
  void user_created_getsADatabase() {
    save("bob");
    save("ünï");
    TestDatabases.update(users(first), "{'_id':'_design/x'}", "{'_id':'other'}");

    timer.pass(SECOND);

    assertThat(names()).containsExactly(BOB, "userdb-c3bc6ec3af");
    assertThat(security(BOB))
        .isEqualTo(
            "{\"members\":{\"roles\":[\"_admin\"],\"names\":[\"bob\"]},"
                + "\"admins\":{\"roles\":[\"_admin\"],\"names\":[\"bob\"]}}");
  }

  @Test
  void user_changed_isPutBackAndOthersAreKept() {
    save("bob");
    timer.pass(SECOND);
    database(BOB)
        .settings()
        .security(
            SecurityObject.parse(
                utf8("{\"x\":1,\"members\":{\"names\":[\"eve\"],\"roles\":[\"r\"]}}")));
    remove("bob");
    save("bob");

    timer.pass(SECOND);

    assertThat(security(BOB))
        .isEqualTo(
            "{\"x\":1,\"members\":{\"names\":[\"bob\",\"eve\"],\"roles\":[\"r\"]},"
                + "\"admins\":{\"names\":[\"bob\"]}}");
  }

  @Test
  void user_deleted_losesTheDatabaseOrThePermission() {
    save("bob");
    save("eve");
    timer.pass(SECOND);
    remove("bob");
    timer.pass(SECOND);
    assertThat(names()).contains(BOB);
    assertThat(security(BOB))
        .isEqualTo(
            "{\"members\":{\"roles\":[\"_admin\"],\"names\":[]},"
                + "\"admins\":{\"roles\":[\"_admin\"],\"names\":[]}}");

    deletes.set(true);
    timer.pass(SECOND);

    assertThat(names()).containsExactly("userdb-657665");
  }

  @Test
  void user_deletedBeforeTheTaskRan_isNoError() {
    save("bob");
    remove("bob");
    timer.pass(SECOND);
    deletes.set(true);
    timer.pass(SECOND);
    save("eve");
    timer.pass(SECOND);

    assertThat(names()).containsExactly("userdb-657665");
  }

  @Test
  void user_withControlCharacters_cannotTakeAnothersDatabase() {
    assertThat(UserDatabases.nameOf("userdb-", "bob")).contains(BOB);
    // CouchDB writes these bytes with one digit each, which is the name of bob's database.
    assertThat(UserDatabases.nameOf("userdb-", "\u0006\u0002\u0006\u000f\u0006\u0002")).isEmpty();

    TestDatabases.update(users(first), "{'_id':'" + PREFIX + "\\u0006\\u0002'}");
    save("bob");
    timer.pass(SECOND);

    assertThat(names()).containsExactly(BOB);
  }

  @Test
  void user_nameTooLongForTheBackend_isSkipped(@TempDir Path directory) {
    try (StorageAdapter files = new RedbAdapter(RedbAdapter.Options.of(directory),
        TransactionListener.NONE);
        BackgroundTasks tasks = timer.tasks(new ActiveTasks(Clock.systemUTC()))) {
      Databases databases = new Databases(files, Clock.systemUTC());
      databases.create("_users");
      new PerUserDatabases(databases, files::system, tasks, settings).follow();
      TestDatabases.update(
          databases.open("_users", ADMIN),
          "{'_id':'" + PREFIX + "x".repeat(300) + "'}",
          "{'_id':'" + PREFIX + "bob'}");

      timer.pass(SECOND);

      assertThat(databases.list(NameRange.all())).containsExactly("_users", BOB);
    }
  }

  @Test
  void settings_changedAtRunTime_count() {
    enabled.set(false);
    first.perUser.follow();
    save("bob");
    timer.pass(SECOND.multipliedBy(10));
    assertThat(names()).isEmpty();

    enabled.set(true);
    first.perUser.follow();
    timer.pass(SECOND);
    assertThat(names()).containsExactly(BOB);

    prefix.set("p/");
    timer.pass(SECOND);
    assertThat(names()).containsExactlyInAnyOrder("p/626f62", BOB);
  }

  @Test
  void usersDatabase_createdAgain_isReadFromItsBegin() {
    save("bob");
    timer.pass(SECOND);
    first.databases.delete("_users");
    timer.pass(SECOND);
    first.databases.create("_users");
    save("eve");

    timer.pass(SECOND);

    assertThat(names()).contains("userdb-657665");
  }

  @Test
  void restart_catchesUpAndDoesNotBeginAgain() {
    save("bob");
    timer.pass(SECOND);
    first.databases.delete(BOB); // stays deleted, unless bob's change is handled again
    new Instance();
    first.stop();
    save("eve");
    instances.getLast().perUser.follow();

    timer.pass(LEASE);

    assertThat(names()).containsExactly("userdb-657665");
  }

  @Test
  void twoInstances_oneWorksAndTheOtherTakesOver() {
    save("bob");
    Instance second = new Instance();
    second.perUser.follow();
    timer.pass(LEASE);
    assertThat(names()).containsExactly(BOB);

    first.stop();
    save("eve");
    timer.pass(LEASE.multipliedBy(2));

    assertThat(names()).containsExactly(BOB, "userdb-657665");
  }

  @Test
  void faults_ofTheCluster_loseNoUser() {
    Faults faults = cluster.faults();
    new Instance().perUser.follow();
    faults.chance(Faults.Fault.CONFLICT, 0.1);
    faults.chance(Faults.Fault.UNKNOWN_COMMITTED, 0.1);
    faults.chance(Faults.Fault.UNKNOWN_NOT_COMMITTED, 0.1);
    List<String> wanted = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      String name = "u" + (char) ('a' + i);
      save(name);
      wanted.add(UserDatabases.nameOf("userdb-", name).orElseThrow());
      timer.pass(SECOND);
    }
    faults.clear();

    timer.pass(LEASE.multipliedBy(2));

    assertThat(names()).containsExactlyElementsOf(wanted);
    for (int i = 0; i < 20; i++) {
      assertThat(security(wanted.get(i))).contains("\"names\":[\"u" + (char) ('a' + i) + "\"]");
    }
  }
}
