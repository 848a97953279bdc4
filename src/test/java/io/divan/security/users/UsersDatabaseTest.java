package io.divan.security.users;

import static io.divan.document.TestDatabases.input;
import static io.divan.document.TestDatabases.text;
import static io.divan.security.users.TestUsers.ADMIN;
import static org.assertj.core.api.Assertions.assertThat;

import io.divan.background.ActiveTasks;
import io.divan.background.BackgroundTasks;
import io.divan.background.ManualTimer;
import io.divan.document.Database;
import io.divan.document.Databases;
import io.divan.document.EditHooks;
import io.divan.document.ReadOptions;
import io.divan.document.TestDatabases;
import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageException;
import io.divan.storage.TransactionListener;
import io.divan.storage.fdb.FdbAdapter;
import io.divan.storage.fdb.simulation.SimulatedFoundationDb;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The creation of {@code _users} and of its design document. */
class UsersDatabaseTest {
  private final ManualTimer timer = new ManualTimer();

  private BackgroundTasks tasks() {
    return timer.tasks(new ActiveTasks(Clock.systemUTC()));
  }

  private static Database users(Databases databases) {
    return databases.open("_users", ADMIN);
  }

  private static String design(Databases databases) {
    return text(users(databases).get("_design/_auth", false, ReadOptions.NONE).json());
  }

  @Test
  void start_first_createsDatabaseAndDesignDocument() {
    Databases databases = TestDatabases.databases(EditHooks.NONE);

    new UsersDatabase(databases, tasks()).start();

    assertThat(design(databases))
        .contains("\"language\":\"javascript\"")
        .contains("\"validate_doc_update\":\"function (newDoc, oldDoc, userCtx, secObj) {")
        .contains("Only admins may delete other user docs.");
    assertThat(text(users(databases).settings().security().json()))
        .isEqualTo("{\"members\":{\"roles\":[\"_admin\"]},\"admins\":{\"roles\":[\"_admin\"]}}");
  }

  @Test
  void start_again_changesNothing() {
    Databases databases = TestDatabases.databases(EditHooks.NONE);
    new UsersDatabase(databases, tasks()).start();
    String before = design(databases);

    new UsersDatabase(databases, tasks()).start();

    assertThat(design(databases)).isEqualTo(before);
  }

  @Test
  void start_otherFunction_isReplacedAndTheRestIsKept() {
    Databases databases = TestDatabases.databases(EditHooks.NONE);
    databases.create("_users");
    users(databases)
        .update(
            List.of(
                input(
                    "{'_id':'_design/_auth','language':'x','validate_doc_update':'old',"
                        + "'views':{}}")));

    new UsersDatabase(databases, tasks()).start();

    assertThat(design(databases))
        .contains("\"_rev\":\"2-")
        .contains("\"language\":\"x\",\"validate_doc_update\":\"function")
        .contains("\"views\":{}");
  }

  @Test
  void start_deletedDesignDocument_isCreatedAgain() {
    Databases databases = TestDatabases.databases(EditHooks.NONE);
    new UsersDatabase(databases, tasks()).start();
    String revision =
        users(databases).get("_design/_auth", false, ReadOptions.NONE).revision();
    TestDatabases.update(
        users(databases), "{'_id':'_design/_auth','_rev':'" + revision + "','_deleted':true}");

    new UsersDatabase(databases, tasks()).start();

    assertThat(design(databases)).contains("\"_rev\":\"3-");
  }

  @Test
  void start_manyInstancesAtOnce_makeOneDatabase() throws Exception {
    SimulatedFoundationDb cluster = new SimulatedFoundationDb();
    List<StorageAdapter> adapters = new ArrayList<>();
    List<CompletableFuture<Void>> starts = new ArrayList<>();
    CountDownLatch go = new CountDownLatch(1);
    try {
      for (int i = 0; i < 8; i++) {
        StorageAdapter adapter =
            new FdbAdapter(
                cluster.open(), FdbAdapter.Options.defaults(), TransactionListener.NONE);
        adapters.add(adapter);
        UsersDatabase users =
            new UsersDatabase(new Databases(adapter, Clock.systemUTC()), tasks());
        starts.add(
            CompletableFuture.runAsync(
                () -> {
                  try {
                    go.await();
                  } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                  }
                  users.start();
                },
                action -> Thread.ofVirtual().start(action)));
      }
      go.countDown();
      for (CompletableFuture<Void> start : starts) {
        start.get(60, TimeUnit.SECONDS);
      }
      Databases databases = new Databases(adapters.getFirst(), Clock.systemUTC());
      assertThat(design(databases)).contains("\"_rev\":\"1-");
      assertThat(users(databases).info().docCount()).isEqualTo(1);
    } finally {
      adapters.forEach(StorageAdapter::close);
    }
  }

  /** An adapter whose first two attempts to open a database fail. */
  private static StorageAdapter failing(StorageAdapter adapter) {
    AtomicInteger left = new AtomicInteger(2);
    return (StorageAdapter) Proxy.newProxyInstance(
        UsersDatabaseTest.class.getClassLoader(),
        new Class<?>[] {StorageAdapter.class},
        (proxy, method, arguments) -> {
          if (method.getName().equals("open") && left.getAndDecrement() > 0) {
            throw new StorageException.StoreUnavailable("The cluster is away");
          }
          try {
            return method.invoke(adapter, arguments);
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        });
  }

  @Test
  void start_storageUnavailable_isRetried() {
    SimulatedFoundationDb cluster = new SimulatedFoundationDb();
    try (StorageAdapter adapter =
        new FdbAdapter(
            cluster.open(), FdbAdapter.Options.defaults(), TransactionListener.NONE)) {
      Databases databases = new Databases(failing(adapter), Clock.systemUTC());

      new UsersDatabase(databases, tasks()).start();
      timer.pass(Duration.ofSeconds(10));

      assertThat(design(new Databases(adapter, Clock.systemUTC()))).contains("function");
    }
  }
}
