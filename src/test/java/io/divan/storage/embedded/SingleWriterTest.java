package io.divan.storage.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.divan.storage.StorageException;
import io.divan.storage.TransactionListener;
import io.divan.storage.Versionstamp;
import io.divan.storage.Written;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SingleWriterTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  private final FakeEngine engine = new FakeEngine();
  private final WorkerThreads threads = new WorkerThreads("test-writer", 2, 100, LONG);
  private final ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicLong nanos = new AtomicLong();
  private final List<TransactionListener.Report> reports = new ArrayList<>();
  private SingleWriter writer = writer(new WriterBounds(100, LONG, 50, 1_000_000, LONG));

  private SingleWriter writer(WriterBounds bounds) {
    return new SingleWriter(engine, threads, this::report, bounds, nanos::get);
  }

  private void report(TransactionListener.Report report) {
    synchronized (reports) {
      reports.add(report);
    }
  }

  @AfterEach
  void close() {
    engine.commits.release(1_000_000);
    callers.close();
    writer.close();
    threads.close();
  }

  private Written<String> put(String key) {
    return writer.write(
        transaction -> {
          transaction.put(FakeEngine.TABLE, FakeEngine.key(key), new byte[0]);
          return key;
        });
  }

  private Written<String> putUnsynced(String key) {
    return writer.writeUnsynced(
        transaction -> {
          transaction.put(FakeEngine.TABLE, FakeEngine.key(key), new byte[0]);
          return key;
        });
  }

  private Future<Written<String>> later(String key) {
    return callers.submit(() -> put(key));
  }

  /** A write that holds the writer's thread until the latch opens. */
  private Future<Written<String>> holding(String key, CountDownLatch release) {
    CompletableFuture<Void> begun = new CompletableFuture<>();
    Future<Written<String>> future =
        callers.submit(
            () -> writer.write(
                transaction -> {
                  begun.complete(null);
                  awaitLatch(release);
                  transaction.put(FakeEngine.TABLE, FakeEngine.key(key), new byte[0]);
                  return key;
                }));
    begun.join();
    return future;
  }

  private static void awaitLatch(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void awaitWaiting(int count) {
    await().until(() -> writer.waiting() == count);
  }

  private static Throwable failure(Future<?> future) throws Exception {
    try {
      future.get(30, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      return e.getCause();
    }
    throw new AssertionError("It did not fail");
  }

  /** Three members of one group: one writes, one only reads, one throws. */
  private List<Future<?>> groupOfThree() {
    CountDownLatch release = new CountDownLatch(1);
    Future<?> writes = holding("a", release);
    Future<?> reads = callers.submit(() -> writer.write(transaction -> "read"));
    awaitWaiting(1);
    Future<?> fails =
        callers.submit(
            () -> writer.write(
                transaction -> {
                  transaction.put(FakeEngine.TABLE, FakeEngine.key("b"), new byte[0]);
                  throw new IllegalArgumentException("mine");
                }));
    awaitWaiting(2);
    release.countDown();
    return List.of(writes, reads, fails);
  }

  @Test
  void write_alone_commitsOnceWithoutWaiting() {
    Written<String> written = put("a");

    assertThat(written.result()).isEqualTo("a");
    assertThat(written.versionstamp()).hasValue(new Versionstamp(1, 0, 0));
    assertThat(engine.events).containsExactly("begin", "commit a");
  }

  /** A lock at which a thread pauses once it has released it for the third time. */
  private static final class PausingLock extends ReentrantLock {
    private final AtomicInteger releases = new AtomicInteger();
    private final CountDownLatch paused = new CountDownLatch(1);
    private final CountDownLatch resume = new CountDownLatch(1);

    @Override
    public void unlock() {
      super.unlock();
      boolean inTurn = Thread.currentThread().getName().equals("test-writer");
      if (inTurn && releases.incrementAndGet() == 3) {
        paused.countDown();
        awaitLatch(resume);
      }
    }
  }

  /** The end of a turn overlaps with the next turn, on another thread. */
  @Test
  void write_whilePreviousTurnEnds_getsItsOutcome() throws Exception {
    PausingLock lock = new PausingLock();
    writer =
        new SingleWriter(
            engine, threads, this::report, WriterBounds.DEFAULT, nanos::get, lock);
    // A turn releases the lock when it has taken "a", has found no other member, and ends.
    put("a");
    awaitLatch(lock.paused);
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch firstTurnEnded = new CountDownLatch(1);

    // Not one of the callers: close() would wait for it for ever if it got no outcome.
    CompletableFuture<Written<String>> second =
        CompletableFuture.supplyAsync(
            () -> writer.write(
                transaction -> {
                  begun.countDown();
                  awaitLatch(firstTurnEnded);
                  transaction.put(FakeEngine.TABLE, FakeEngine.key("b"), new byte[0]);
                  return "b";
                }),
            Thread.ofPlatform().daemon()::start);
    awaitLatch(begun);
    lock.resume.countDown();
    threads.execute(firstTurnEnded::countDown); // the other thread is busy until then

    second.get(10, TimeUnit.SECONDS);
    assertThat(engine.durable).containsExactly("a", "b");
  }

  @Test
  void write_severalWaiting_shareOneCommit() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    Future<?> first = holding("a", release);
    Future<?> second = later("b");
    awaitWaiting(1);
    Future<?> third = later("c");
    awaitWaiting(2);

    release.countDown();

    first.get();
    second.get();
    third.get();
    assertThat(engine.events).containsExactly("begin", "commit a,b,c");
    assertThat(reports).extracting(TransactionListener.Report::groupSize).containsOnly(3);
  }

  @Test
  void write_beforeTheGroupsCommit_noOutcomeIsKnown() throws Exception {
    engine.commits.drainPermits();

    List<Future<?>> members = groupOfThree();

    await().until(engine.commits::hasQueuedThreads);
    assertThat(members).noneMatch(Future::isDone);
    engine.commits.release();
    assertThat(members.get(0).get()).isInstanceOf(Written.class);
    assertThat(members.get(1).get()).isEqualTo(new Written<>("read", Optional.empty()));
    assertThat(failure(members.get(2))).hasMessage("mine");
    assertThat(engine.durable).containsExactly("a");
  }

  @Test
  void write_commitFails_everyMemberFails() throws Exception {
    StorageException lost = new StorageException.StoreUnavailable("sync failed");
    engine.commitFailures.add(Optional.of(lost));

    for (Future<?> member : groupOfThree()) {
      assertThat(failure(member)).isSameAs(lost);
    }

    assertThat(engine.events).containsExactly("begin", "failed");
    assertThat(reports)
        .extracting(TransactionListener.Report::outcome)
        .containsOnly(TransactionListener.Outcome.FAILED);
  }

  @Test
  void write_engineUndoesTheGroup_membersRunAgainAlone() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    Future<Written<String>> first = holding("a", release);
    Future<Written<String>> huge = later("huge");
    awaitWaiting(1);
    Future<Written<String>> third = later("c");
    awaitWaiting(2);

    release.countDown();

    assertThat(List.of(first.get().result(), huge.get().result(), third.get().result()))
        .containsExactly("a", "huge", "c");
    assertThat(engine.events)
        .containsExactly(
            "begin", "abort", "begin", "commit a", "begin", "commit huge", "begin", "commit c");
    assertThat(reports)
        .extracting(TransactionListener.Report::attempts)
        .containsExactlyInAnyOrder(2, 2, 1);
  }

  @Test
  void write_aloneAndUndone_failsWithItsOwnException() {
    assertThatThrownBy(() -> put("impossible")).isInstanceOf(FakeEngine.Undone.class);
    assertThat(put("b").result()).isEqualTo("b");
    assertThat(engine.durable).containsExactly("b");
  }

  @Test
  void write_noSpaceForTheGroup_membersRunAgainAlone() throws Exception {
    StorageException full = new StorageException.StoreFull("full", new IllegalStateException());
    engine.commitFailures.add(Optional.of(full));
    engine.commitFailures.add(Optional.of(full));
    CountDownLatch release = new CountDownLatch(1);
    Future<?> first = holding("a", release);
    Future<Written<String>> second = later("b");
    awaitWaiting(1);

    release.countDown();

    assertThat(failure(first)).isSameAs(full);
    assertThat(second.get().result()).isEqualTo("b");
    assertThat(engine.events).doesNotContain("failed");
  }

  @Test
  void write_nobodyWrote_nothingIsCommitted() {
    assertThat(writer.write(transaction -> 7)).isEqualTo(new Written<>(7, Optional.empty()));
    assertThat(engine.events).containsExactly("begin", "abort");
  }

  @Test
  void write_moreThanAGroupTakes_isSplit() throws Exception {
    writer = writer(new WriterBounds(100, LONG, 2, 1_000_000, LONG));
    assertThat(groupsOf("a", "b", "c")).containsExactly("commit a,b", "commit c");
  }

  @Test
  void write_moreBytesThanAGroupTakes_isSplit() throws Exception {
    writer = writer(new WriterBounds(100, LONG, 50, 1_500, LONG));
    assertThat(groupsOf("a", "b", "c")).containsExactly("commit a,b", "commit c");
  }

  private List<String> groupsOf(String first, String... others) throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    List<Future<?>> futures = new ArrayList<>();
    futures.add(holding(first, release));
    for (String other : others) {
      futures.add(later(other));
      awaitWaiting(futures.size() - 1);
    }
    release.countDown();
    for (Future<?> future : futures) {
      future.get();
    }
    return engine.events.stream().filter(event -> event.startsWith("commit")).toList();
  }

  @Test
  void write_tooManyWaiting_isRefusedAtOnce() throws Exception {
    writer = writer(new WriterBounds(1, LONG, 50, 1_000_000, LONG));
    CountDownLatch release = new CountDownLatch(1);
    Future<?> first = holding("a", release);
    Future<?> second = later("b");
    awaitWaiting(1);

    assertThatThrownBy(() -> put("c")).isInstanceOf(StorageException.StoreUnavailable.class);

    release.countDown();
    first.get();
    second.get();
    assertThat(engine.durable).containsExactly("a", "b");
  }

  @Test
  void write_waitedTooLong_isWithdrawn() throws Exception {
    Duration soon = Duration.ofMillis(20);
    writer = writer(new WriterBounds(100, soon, 50, 1_000_000, LONG));
    CountDownLatch release = new CountDownLatch(1);
    Future<?> first = holding("a", release);

    assertThatThrownBy(() -> put("b")).isInstanceOf(StorageException.StoreUnavailable.class);

    assertThat(writer.waiting()).isZero();
    release.countDown();
    first.get();
    assertThat(engine.durable).containsExactly("a");
    assertThat(reports).extracting(TransactionListener.Report::attempts).contains(0);
  }

  @Test
  void write_engineFails_waitingMembersAreRefused() throws Exception {
    writer = writer(new WriterBounds(100, LONG, 1, 1_000_000, LONG));
    engine.commitFailures.add(Optional.of(new IllegalStateException("disk")));
    CountDownLatch release = new CountDownLatch(1);
    Future<?> first = holding("a", release);
    Future<?> second = later("b");
    awaitWaiting(1);

    release.countDown();

    assertThat(failure(first)).hasMessage("disk");
    assertThat(failure(second)).isInstanceOf(StorageException.StoreUnavailable.class);
    assertThat(engine.durable).isEmpty();
  }

  @Test
  void write_afterAFailure_isRefusedUntilTheBackoffIsOver() {
    engine.commitFailures.add(Optional.of(new IllegalStateException("disk")));
    assertThatThrownBy(() -> put("a")).hasMessage("disk");
    long backoffMillis = 100;
    for (int i = 0; i < 8; i++) {
      engine.beginFailures.add(Optional.of(new IllegalStateException("still")));
      nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(backoffMillis) - 1);
      assertThatThrownBy(() -> put("b")).isInstanceOf(StorageException.StoreUnavailable.class);
      nanos.incrementAndGet();
      assertThatThrownBy(() -> put("c")).hasMessage("still");
      backoffMillis = Math.min(backoffMillis * 2, 10_000);
    }

    nanos.addAndGet(TimeUnit.SECONDS.toNanos(10));
    assertThat(put("d").result()).isEqualTo("d");

    engine.commitFailures.add(Optional.of(new IllegalStateException("again")));
    assertThatThrownBy(() -> put("e")).hasMessage("again");
    nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(100));
    assertThat(put("f").result()).isEqualTo("f");
    assertThat(engine.durable).containsExactly("d", "f");
  }

  @Test
  void writeUnsynced_waitingTogether_oneUnsyncedGroup() throws Exception {
    CountDownLatch held = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    Future<?> holding =
        callers.submit(
            () -> writer.runBetween(
                () -> {
                  held.countDown();
                  awaitLatch(release);
                  return true;
                }));
    awaitLatch(held);
    Future<?> first = callers.submit(() -> putUnsynced("a"));
    awaitWaiting(1);
    Future<?> second = callers.submit(() -> putUnsynced("b"));
    awaitWaiting(2);
    Future<?> durable = later("c");
    awaitWaiting(3);
    Future<?> third = callers.submit(() -> putUnsynced("d"));
    awaitWaiting(4);

    release.countDown();

    for (Future<?> each : List.of(holding, first, second, durable, third)) {
      each.get(30, TimeUnit.SECONDS);
    }
    assertThat(engine.events)
        .containsExactly("begin unsynced", "commit a,b", "begin", "commit c,d");
  }

  @Test
  void writeUnsynced_manyBytes_someGroupsAreDurable() {
    writer = writer(new WriterBounds(100, LONG, 50, 1_000_000, LONG, 2_000, 100));
    for (String key : List.of("a", "b", "c", "d")) {
      putUnsynced(key);
    }
    assertThat(engine.events)
        .filteredOn(event -> event.startsWith("begin"))
        .containsExactly("begin unsynced", "begin unsynced", "begin", "begin unsynced");
  }

  @Test
  void writeUnsynced_manyGroups_someAreDurable() {
    writer = writer(new WriterBounds(100, LONG, 50, 1_000_000, LONG, 1_000_000, 1));
    for (String key : List.of("a", "b", "c")) {
      putUnsynced(key);
    }
    put("d");
    putUnsynced("e");
    assertThat(engine.events)
        .filteredOn(event -> event.startsWith("begin"))
        .containsExactly("begin unsynced", "begin", "begin unsynced", "begin", "begin unsynced");
  }

  @Test
  void writeUnsynced_groupUndone_membersRunAloneAsTheyNeed() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    Future<?> first = holding("a", release);
    Future<?> second = callers.submit(() -> putUnsynced("huge"));
    awaitWaiting(1);

    release.countDown();

    first.get(30, TimeUnit.SECONDS);
    second.get(30, TimeUnit.SECONDS);
    assertThat(engine.events)
        .containsExactly(
            "begin", "abort", "begin", "commit a", "begin unsynced", "commit huge");
  }

  @Test
  void write_listenerThrows_outcomesAreDelivered() {
    TransactionListener broken =
        report -> {
          throw new IllegalStateException("listener");
        };
    writer.close();
    writer = new SingleWriter(engine, threads, broken);
    assertThat(put("a").result()).isEqualTo("a");
    assertThat(put("b").result()).isEqualTo("b");
  }

  @Test
  void write_listenerThrowsAnError_everyMemberGetsItsOutcome() throws Exception {
    writer.close();
    writer =
        new SingleWriter(
            engine,
            threads,
            report -> {
              throw new AssertionError("listener");
            });

    List<Future<?>> members = groupOfThree();

    assertThat(members.get(0).get(30, TimeUnit.SECONDS)).isInstanceOf(Written.class);
    assertThat(members.get(1).get(30, TimeUnit.SECONDS)).isInstanceOf(Written.class);
    assertThat(failure(members.get(2))).hasMessage("mine");
    assertThat(put("z").result()).isEqualTo("z");
    assertThat(engine.durable).containsExactly("a", "z");
  }

  @Test
  void write_errorWhileOutcomesAreDelivered_everyMemberGetsAnOutcome() throws Exception {
    AtomicBoolean broken = new AtomicBoolean();
    writer.close();
    writer =
        new SingleWriter(
            engine,
            threads,
            report -> {},
            WriterBounds.DEFAULT,
            () -> {
              if (broken.get()) {
                throw new AssertionError("clock");
              }
              return nanos.get();
            });
    engine.afterCommit = () -> broken.set(true);

    for (Future<?> member : groupOfThree()) {
      assertThat(failure(member)).hasMessage("clock");
    }

    engine.afterCommit = () -> {};
    broken.set(false);
    nanos.addAndGet(TimeUnit.SECONDS.toNanos(10));
    assertThat(put("z").result()).isEqualTo("z");
  }

  @Test
  void write_engineCannotBeGivenUp_everyMemberFailsAndTheStoreOpensAgain() throws Exception {
    for (Throwable thrown : List.of(new IllegalStateException("closing"), new AssertionError(
        "closing"))) {
      engine.failedFailures.add(thrown);
      engine.commitFailures.add(Optional.of(new IllegalStateException("disk")));

      for (Future<?> member : groupOfThree()) {
        assertThat(failure(member)).hasMessage("disk");
      }

      nanos.addAndGet(TimeUnit.SECONDS.toNanos(10));
    }
    assertThat(put("z").result()).isEqualTo("z");
  }

  @Test
  void write_diskFullAndEngineCannotBeGivenUp_failsAsFull() {
    engine.failedFailures.add(new AssertionError("closing"));
    engine.beginFailures.add(
        Optional.of(new StorageException.StoreFull("full", new IllegalStateException())));

    assertThatThrownBy(() -> put("a")).isInstanceOf(StorageException.StoreFull.class);

    assertThat(put("b").result()).isEqualTo("b");
  }

  @Test
  void write_databaseDeleted_doesNotFailTheEngine() {
    engine.beginFailures.add(Optional.of(new StorageException.DatabaseNotFound("a")));
    assertThatThrownBy(() -> put("a")).isInstanceOf(StorageException.DatabaseNotFound.class);
    engine.commitFailures.add(Optional.of(new StorageException.DatabaseNotFound("a")));
    assertThatThrownBy(() -> put("a")).isInstanceOf(StorageException.DatabaseNotFound.class);
    assertThat(engine.events).doesNotContain("failed");
  }

  /** Nor are those refused that come next: whoever asks learns that there is no space. */
  @Test
  void write_noSpaceToOpenTheEngine_isNoFailure() {
    StorageException full = new StorageException.StoreFull("full", new IllegalStateException());
    for (int i = 0; i < 3; i++) {
      engine.beginFailures.add(Optional.of(full));
      assertThatThrownBy(() -> put("a")).isInstanceOf(StorageException.StoreFull.class);
    }
    assertThat(put("a").result()).isEqualTo("a");
  }

  @Test
  void close_workUnderWay_runningGroupEndsAndWaitingIsRefused() throws Exception {
    writer = writer(new WriterBounds(100, LONG, 1, 1_000_000, LONG));
    CountDownLatch release = new CountDownLatch(1);
    Future<Written<String>> running = holding("a", release);
    Future<?> waiting = later("b");
    awaitWaiting(1);

    Future<?> closing = callers.submit(writer::close);

    assertThat(failure(waiting)).isInstanceOf(StorageException.StoreUnavailable.class);
    assertThat(closing.isDone()).isFalse();
    release.countDown();
    assertThat(running.get().result()).isEqualTo("a");
    closing.get();
    assertThatThrownBy(() -> put("c")).isInstanceOf(StorageException.StoreUnavailable.class);
    assertThat(engine.durable).containsExactly("a");
  }

  @Test
  void write_callerInterrupted_learnsItsOutcomeAndStaysInterrupted() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch begun = new CountDownLatch(1);
    CompletableFuture<Boolean> interruptedAfter = new CompletableFuture<>();
    Thread caller =
        Thread.ofVirtual()
            .start(
                () -> {
                  String result =
                      writer
                          .write(
                              transaction -> {
                                begun.countDown();
                                awaitLatch(release);
                                return "done";
                              })
                          .result();
                  interruptedAfter.complete(
                      result.equals("done") && Thread.currentThread().isInterrupted());
                });
    begun.await();

    caller.interrupt();
    release.countDown();

    assertThat(interruptedAfter.get(30, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void write_withinAWrite_throws() {
    assertThatThrownBy(() -> writer.write(transaction -> put("a").result()))
        .isInstanceOf(IllegalStateException.class);
    assertThat(engine.durable).isEmpty();
  }

  @Test
  void runBetween_groupUnderWay_runsAfterItAndBeforeTheNext() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    Future<?> first = holding("a", release);
    Future<?> task = callers.submit(() -> writer.runBetween(() -> engine.events.add("task")));
    awaitWaiting(1);
    Future<?> second = later("b");
    awaitWaiting(2);

    release.countDown();

    first.get();
    task.get();
    second.get();
    assertThat(engine.events).containsExactly("begin", "commit a", "task", "begin", "commit b");
  }
}
