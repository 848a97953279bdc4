package io.divan.document.maintenance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.divan.background.ActiveTasks;
import io.divan.background.BackgroundTasks;
import io.divan.background.ManualTimer;
import io.divan.document.Database;
import io.divan.document.Databases;
import io.divan.document.EditHooks;
import io.divan.document.TestAttachments;
import io.divan.document.TestDatabases;
import io.divan.document.attachment.ContentReceiver;
import io.divan.document.attachment.ContentSweep;
import io.divan.document.attachment.ContentWriter;
import io.divan.document.attachment.Incoming;
import io.divan.document.rows.ContentRows;
import io.divan.document.rows.Tables;
import io.divan.storage.ReferenceAdapter;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.checked.CheckedAdapter;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ContentSweepsTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);

  /** A clock that stands still until it is moved. */
  private static final class ManualClock extends Clock {
    private Instant now = Instant.ofEpochSecond(1_000_000);

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }

    @Override
    public Instant instant() {
      return now;
    }

    void pass(Duration duration) {
      now = now.plus(duration);
    }
  }

  private final ManualClock clock = new ManualClock();
  private final ManualTimer timer = new ManualTimer();
  private final BackgroundTasks tasks = timer.tasks(new ActiveTasks(clock));
  private final ContentSweeps sweeps = new ContentSweeps(tasks, clock);
  private final CheckedAdapter adapter = new CheckedAdapter(new ReferenceAdapter());
  private final Databases databases = new Databases(adapter, clock, sweeps, EditHooks.NONE);
  private final Database database = create();
  private final Store store = database.store();

  private Database create() {
    databases.create("db");
    return TestDatabases.open(databases, "db");
  }

  private void pass(Duration duration) {
    clock.pass(duration);
    timer.pass(duration);
  }

  private void expectRows(long contents, long references, long chunks, long deadlines) {
    assertThat(TestAttachments.rows(store))
        .containsExactly(contents, references, chunks, deadlines);
  }

  private ContentSweep.Swept sweep() {
    return new ContentSweep(store, clock, () -> false).run();
  }

  /** Begins an upload and leaves it, as a crash would. */
  private void crashInMidUpload(int bytes) throws IOException {
    Incoming incoming = TestAttachments.receiver(database).begin("x", false);
    incoming.type("image/png");
    incoming.write(TestAttachments.bytes(1, bytes));
    incoming.finish("image/png");
  }

  @Test
  void crashInMidUpload_isSweptAfterItsLease() throws IOException {
    crashInMidUpload(3_000_000);
    expectRows(0, 0, 32, 1);
    pass(ContentWriter.LEASE.minus(MINUTE));
    expectRows(0, 0, 32, 1);
    pass(MINUTE.multipliedBy(2));
    expectRows(0, 0, 0, 0);
  }

  @Test
  void crashInMidUpload_isSweptByTheNextProcess() throws IOException {
    crashInMidUpload(3_000_000);
    sweeps.close();
    clock.pass(Duration.ofHours(1));
    try (ContentSweeps others = new ContentSweeps(tasks, clock)) {
      timer.pass(MINUTE);
      expectRows(0, 0, 32, 1);
      new Databases(adapter, clock, others, EditHooks.NONE)
          .open("db", io.divan.document.Principal.SERVER_ADMIN);
      timer.pass(MINUTE);
      expectRows(0, 0, 0, 0);
    }
  }

  @Test
  void blobLargerThanATransaction_isRemovedInSteps() throws IOException {
    crashInMidUpload(25_000_000);
    expectRows(0, 0, 261, 1);
    clock.pass(ContentWriter.LEASE);
    int[] steps = {0};
    ContentSweep stopped = new ContentSweep(store, clock, () -> steps[0]++ > 1);
    assertThat(stopped.run()).isEqualTo(new ContentSweep.Swept(0, 9_600_000, 0));
    expectRows(0, 0, 161, 1);
    TestDatabases.check(database);
    assertThat(sweep()).isEqualTo(new ContentSweep.Swept(1, 15_400_000, 0));
    expectRows(0, 0, 0, 0);
  }

  @Test
  void uploadThatGoesOn_extendsItsLease() throws IOException {
    int batch = 1_920_000; // of at most so many bytes; a write waits for the batch before
    byte[] bytes = TestAttachments.bytes(2, 8 * batch);
    String revision;
    try (ContentReceiver receiver = TestAttachments.receiver(database)) {
      Incoming incoming = receiver.begin("x", false);
      incoming.type("image/png");
      for (int from = 0; from < bytes.length; from += batch) {
        incoming.write(bytes, from, batch);
        pass(MINUTE.multipliedBy(4));
        if (from > 0) {
          assertThat(TestAttachments.rows(store).getLast()).isEqualTo(1);
        }
      }
      revision =
          TestAttachments.put(
              database,
              "a",
              Optional.empty(),
              new io.divan.document.AttachmentInput.Received(
                  "x",
                  "image/png",
                  incoming.finish("image/png"),
                  java.util.OptionalLong.empty()));
    }
    pass(ContentWriter.LEASE.multipliedBy(2));
    assertThat(TestAttachments.read(database, "a", "x", Optional.of(revision)))
        .isEqualTo(bytes);
    expectRows(1, 1, 160, 0);
  }

  @Test
  void editOfASweptUpload_isRefused() {
    try (ContentReceiver receiver = TestAttachments.receiver(database)) {
      var attachment =
          TestAttachments.received(
              receiver, "x", "image/png", TestAttachments.bytes(3, 25_000_000));
      clock.pass(ContentWriter.LEASE);
      int[] steps = {0};
      new ContentSweep(store, clock, () -> steps[0]++ > 1).run(); // not finished
      assertThatExceptionOfType(StorageException.StoreUnavailable.class)
          .isThrownBy(() -> TestAttachments.put(database, "a", Optional.empty(), attachment));
    }
    expectRows(0, 0, 0, 0); // the receiver removed the rest
  }

  @Test
  void contentWithoutReference_isSweptAfterItsReaders() {
    String revision =
        TestAttachments.put(
            database, "a", Optional.empty(), "x", TestAttachments.bytes(4, 3_000_000));
    database.purges().purge(Map.of("a", List.of(TestDatabases.revision(revision))));
    expectRows(0, 0, 32, 1);
    pass(MINUTE);
    expectRows(0, 0, 32, 1);
    pass(ContentWriter.LEASE);
    expectRows(0, 0, 0, 0);
  }

  @Test
  void compactionThatLeavesContent_hasItSwept() {
    String revision =
        TestAttachments.put(
            database, "a", Optional.empty(), "x", TestAttachments.bytes(5, 3_000_000));
    TestAttachments.put(database, "a", Optional.of(revision));
    pass(ContentWriter.LEASE.multipliedBy(3)); // the database is left alone again
    new Compactions(tasks, clock, sweeps::leavesBlobs).start(database);
    timer.run();
    expectRows(0, 0, 32, 1);
    pass(ContentWriter.LEASE.plus(MINUTE));
    expectRows(0, 0, 0, 0);
  }

  @Test
  void duplicate_isSweptAndTheFirstStays() {
    byte[] bytes = TestAttachments.bytes(6, 2_000_000);
    TestAttachments.put(database, "a", Optional.empty(), "x", bytes);
    TestAttachments.put(database, "b", Optional.empty(), "y", bytes);
    expectRows(1, 2, 42, 1);
    pass(MINUTE);
    expectRows(1, 2, 21, 0);
    assertThat(TestAttachments.read(database, "b", "y", Optional.empty())).isEqualTo(bytes);
    TestDatabases.check(database);
  }

  @Test
  void deletedDatabase_isForgotten() {
    databases.delete("db");
    pass(MINUTE.multipliedBy(2));
    databases.create("other");
    Database other = TestDatabases.open(databases, "other");
    TestAttachments.put(
        other, "a", Optional.empty(), "x", TestAttachments.bytes(7, 2_000_000));
    TestAttachments.put(
        other, "b", Optional.empty(), "x", TestAttachments.bytes(7, 2_000_000));
    pass(MINUTE);
    assertThat(TestAttachments.rows(other.store())).containsExactly(1L, 2L, 21L, 0L);
  }

  @Test
  void quietDatabase_isNoLongerRead() {
    pass(MINUTE);
    byte[] key = ContentRows.deadlineKey(new ContentRows.Blob(new byte[16]));
    store.write(
        transaction -> {
          transaction.put(Tables.ATTACHMENTS, key, ContentRows.deadline(0, 0));
          return true;
        });
    pass(MINUTE.multipliedBy(5));
    assertThat(TestAttachments.rows(store).getLast()).isEqualTo(1);
    sweeps.leavesBlobs(store);
    pass(MINUTE);
    assertThat(TestAttachments.rows(store).getLast()).isZero();
  }
}
