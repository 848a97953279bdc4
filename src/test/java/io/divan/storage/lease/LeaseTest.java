package io.divan.storage.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.Table;
import io.divan.storage.Watch;
import io.divan.storage.fdb.TestCluster;
import io.divan.storage.tuple.TupleReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(60)
class LeaseTest {
  private static final Table TABLE = new Table(1, "leases");
  private static final byte[] KEY = {7};
  private static final byte[] ROW = {42};
  private static final Duration DURATION = Duration.ofHours(1);

  @RegisterExtension static final TestCluster CLUSTER = TestCluster.orModel();

  private final StorageAdapter adapter = CLUSTER.adapter();
  private final Store store = adapter.create("d", transaction -> {});
  private final AtomicLong clock = new AtomicLong(-5);
  private final List<Leases> all = new ArrayList<>();

  @AfterEach
  void close() {
    all.forEach(Leases::close);
    adapter.close();
  }

  private Leases leases(Leases.Options options) {
    Leases made = new Leases(options.nanoTime(clock::get).duration(DURATION));
    all.add(made);
    return made;
  }

  private Lease lease(String holder) {
    return leases(Leases.Options.shared(holder)).lease(store, TABLE, KEY, "The database d");
  }

  private void pass(Duration time) {
    clock.addAndGet(time.toNanos());
  }

  private void write(Lease lease, int value) {
    store.write(
        transaction -> {
          lease.check(transaction);
          transaction.put(TABLE, ROW, new byte[] {(byte) value});
          return true;
        });
  }

  private int value() {
    return store.read(transaction -> transaction.get(TABLE, ROW).orElseThrow()[0]);
  }

  private static void refused(Runnable action, String message) {
    assertThatThrownBy(action::run)
        .isInstanceOf(StorageException.StoreUnavailable.class)
        .hasMessage(message);
  }

  @Test
  void tryAcquire_nobodyHasIt_isHeldAndWrites() {
    Lease lease = lease("a");
    assertThat(lease.tryAcquire()).isTrue();
    assertThat(lease.isHeld()).isTrue();
    write(lease, 1);
    assertThat(value()).isEqualTo(1);
  }

  @Test
  void keep_renewalThrows_isRenewedAgain() {
    AtomicBoolean broken = new AtomicBoolean();
    Leases leases =
        new Leases(
            Leases.Options.shared("a")
                .duration(Duration.ofMillis(30))
                .nanoTime(
                    () -> {
                      if (broken.getAndSet(false)) {
                        throw new IllegalStateException("clock");
                      }
                      return System.nanoTime();
                    }));
    all.add(leases);
    leases.lease(store, TABLE, KEY, "The database d").acquire(Duration.ofSeconds(10));

    broken.set(true);
    await().untilFalse(broken);

    String before = signOfLife();
    await().until(() -> !signOfLife().equals(before));
  }

  private String signOfLife() {
    return store.read(
        transaction -> Arrays.toString(transaction.get(TABLE, new byte[] {7, 1}).orElseThrow()));
  }

  @Test
  void tryAcquire_ownerSilentForItsDuration_takesIt() {
    Lease first = lease("a");
    Lease second = lease("b");
    first.tryAcquire();
    pass(DURATION.multipliedBy(3));
    assertThat(second.tryAcquire()).as("first look").isFalse();
    pass(DURATION.minusNanos(1));
    assertThat(second.tryAcquire()).as("a nanosecond too early").isFalse();
    pass(Duration.ofNanos(1));
    assertThat(second.tryAcquire()).isTrue();
    assertThat(second.token()).isEqualTo(first.token() + 1);
  }

  @Test
  void tryAcquire_ownerRenewed_waitsAgain() {
    Lease first = lease("a");
    Lease second = lease("b");
    first.tryAcquire();
    second.tryAcquire();
    pass(DURATION.minusNanos(1));
    first.renew();
    pass(Duration.ofNanos(1));
    assertThat(second.tryAcquire()).isFalse();
    pass(DURATION.minusNanos(1));
    assertThat(second.tryAcquire()).isFalse();
    pass(Duration.ofNanos(1));
    assertThat(second.tryAcquire()).isTrue();
  }

  @Test
  void check_pausedOwnerComesBack_cannotWrite() {
    Lease first = lease("a");
    Lease second = lease("b");
    first.tryAcquire();
    write(first, 1);
    second.tryAcquire();
    pass(DURATION);
    assertThat(second.tryAcquire()).isTrue();
    write(second, 2);
    assertThat(first.isHeld()).as("it cannot know yet").isTrue();
    String lost = "The lease of The database d was lost, and taken by b";
    refused(() -> write(first, 3), lost);
    assertThat(first.isHeld()).isFalse();
    refused(first::renew, lost);
    refused(first::requireCurrent, lost);
    first.close();
    write(second, 4);
    assertThat(value()).isEqualTo(4);
  }

  @Test
  void renew_lostOwner_learnsIt() {
    Lease first = lease("a");
    Lease second = lease("b");
    first.tryAcquire();
    second.tryAcquire();
    pass(DURATION);
    second.tryAcquire();
    refused(first::renew, "The lease of The database d was lost, and taken by b");
    assertThat(first.isHeld()).isFalse();
  }

  @Test
  void renew_storeIsDeleted_leaseIsLost() {
    Lease lease = lease("a");
    lease.tryAcquire();
    adapter.delete("d");
    assertThatThrownBy(lease::renew).isInstanceOf(StorageException.DatabaseNotFound.class);
    assertThat(lease.isHeld()).isFalse();
    refused(lease::requireCurrent, "The lease of The database d was lost");
  }

  @Test
  void requireCurrent_notRenewedInTime_throwsBeforeOthersCanHaveIt() {
    Lease first = lease("a");
    Lease second = lease("b");
    first.tryAcquire();
    second.tryAcquire();
    pass(DURATION.minusNanos(1));
    first.requireCurrent();
    pass(Duration.ofNanos(1));
    refused(
        first::requireCurrent,
        "The lease of The database d could not be renewed for 3600000 ms");
    write(first, 1); // nobody has taken it, and the write is fenced
    first.renew();
    first.requireCurrent();
  }

  @Test
  void close_released_isTakenAtOnceWithAGreaterToken() {
    Lease first = lease("a");
    first.tryAcquire();
    first.close();
    refused(() -> write(first, 1), "The lease of The database d was released");
    Lease second = lease("b");
    assertThat(second.tryAcquire()).isTrue();
    assertThat(second.token()).isEqualTo(2);
    assertThatThrownBy(first::tryAcquire).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void acquire_anotherHasIt_namesIt() {
    lease("a").tryAcquire();
    refused(
        () -> lease("b").acquire(Duration.ofMillis(5)),
        "The database d is in use by a; it can be taken over when that process has not renewed its"
            + " lease for 3600000 ms");
  }

  @Test
  void acquire_releasedMeanwhile_isWokenByIt() throws Exception {
    Lease first = lease("a");
    first.tryAcquire();
    Lease second = lease("b");
    assertThat(second.tryAcquire()).isFalse();
    try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
      Future<?> waiting = executor.submit(() -> second.acquire(Duration.ofSeconds(50)));
      first.close();
      waiting.get(50, TimeUnit.SECONDS);
    }
    assertThat(second.isHeld()).isTrue();
  }

  @Test
  void tryAcquire_leaseOfThisProcessWhoseOwnerIsGone_isTakenAtOnce() {
    Leases leases = leases(Leases.Options.shared("a"));
    Lease first = leases.lease(store, TABLE, KEY, "d");
    first.tryAcquire();
    assertThat(leases.lease(store, TABLE, KEY, "d").tryAcquire()).as("still held").isFalse();
    leases.setAlive(ownerId(), false); // as where its release failed
    assertThat(leases.lease(store, TABLE, KEY, "d").tryAcquire()).isTrue();
  }

  private String ownerId() {
    byte[] key = {KEY[0], 0};
    return new TupleReader(store.read(r -> r.get(TABLE, key).orElseThrow())).nextString();
  }

  @Test
  void tryAcquire_storeOfThisProcessAlone_takesWhatADeadProcessHeld() {
    Lease dead = leases(Leases.Options.exclusive("a")).lease(store, TABLE, KEY, "d");
    dead.tryAcquire();
    Leases leases = leases(Leases.Options.exclusive("a"));
    Lease lease = leases.lease(store, TABLE, KEY, "d");
    assertThat(lease.tryAcquire()).isTrue();
    assertThat(leases.lease(store, TABLE, KEY, "d").tryAcquire()).isFalse();
    pass(DURATION.multipliedBy(9));
    lease.requireCurrent();
    refused(() -> write(dead, 1), "The lease of d was lost, and taken by a");
  }

  private Lease turns(String holder) {
    return leases(Leases.Options.shared(holder))
        .leaseInTurns(store, TABLE, KEY, "The database d");
  }

  @Test
  void inTurns_othersWait_ownerIsToldAndTheyFollowInLine() {
    Lease a = turns("a");
    assertThat(a.tryAcquire()).isTrue();
    write(a, 1);
    assertThat(a.isContended()).isFalse();
    Lease b = turns("b");
    Lease c = turns("c");
    assertThat(b.tryAcquire()).isFalse();
    write(a, 2);
    assertThat(a.isWanted()).isFalse();
    assertThat(b.tryAcquire(true)).isFalse();
    assertThat(c.tryAcquire(true)).isFalse();
    assertThat(b.tryAcquire(true)).isFalse();
    assertThat(a.isWanted()).isFalse();
    write(a, 3);
    assertThat(a.isWanted()).isTrue();
    a.close();

    Lease again = turns("a");
    assertThat(again.tryAcquire(true)).isFalse();
    assertThat(c.tryAcquire(true)).isFalse();
    assertThat(b.tryAcquire(true)).isTrue();
    assertThat(b.isContended()).isTrue();
    write(b, 4);
    assertThat(b.isWanted()).isTrue();
    b.close();
    assertThat(again.tryAcquire(true)).isFalse();
    assertThat(c.tryAcquire(true)).isTrue();
    c.close();
    assertThat(again.tryAcquire(true)).isTrue();
    write(again, 5);
    assertThat(again.isWanted()).isFalse();
    assertThat(value()).isEqualTo(5);
  }

  @Test
  void inTurns_firstInLineHasGone_isPassedAfterAWhile() {
    Lease a = turns("a");
    assertThat(a.tryAcquire()).isTrue();
    Lease gone = turns("gone");
    assertThat(gone.tryAcquire(true)).isFalse();
    Lease c = turns("c");
    assertThat(c.tryAcquire(true)).isFalse();
    pass(Duration.ofSeconds(30)); // the lease was not free meanwhile
    write(a, 1);
    a.close();
    assertThat(c.tryAcquire(true)).isFalse();
    pass(Lease.TURN_WAIT.minusMillis(1));
    assertThat(c.tryAcquire(true)).isFalse();
    pass(Duration.ofMillis(1));
    assertThat(c.tryAcquire(true)).isTrue();
    write(c, 2);
    assertThat(c.isWanted()).isFalse();
    assertThat(gone.tryAcquire(true)).isFalse(); // stands in line again
    write(c, 3);
    assertThat(c.isWanted()).isTrue();
  }

  @Test
  void inTurns_ownerIsSilentForItsDuration_isTakenOverInLine() {
    Lease a = turns("a");
    assertThat(a.tryAcquire()).isTrue();
    Lease b = turns("b");
    Lease c = turns("c");
    assertThat(b.tryAcquire(true)).isFalse();
    assertThat(c.tryAcquire(true)).isFalse();
    pass(DURATION);
    assertThat(c.tryAcquire(true)).isFalse();
    assertThat(b.tryAcquire(true)).isTrue();
    refused(() -> write(a, 1), "The lease of The database d was lost, and taken by b");
  }

  @Test
  void inTurns_moreThanTheLineHolds_takeItAllTheSame() {
    Lease a = turns("a");
    assertThat(a.tryAcquire()).isTrue();
    Lease last = null;
    for (int i = 0; i < 70; i++) {
      last = turns("b" + i);
      assertThat(last.tryAcquire(true)).isFalse();
    }
    a.close();
    for (int i = 0; !last.tryAcquire(true); i++) { // all before it have gone
      assertThat(i).isLessThan(3);
      pass(Lease.TURN_WAIT);
    }
  }

  @Test
  void tryAcquire_manyAtOnce_oneHasIt() throws Exception {
    List<Lease> leases = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      leases.add(lease("h" + i));
    }
    CountDownLatch start = new CountDownLatch(1);
    List<Future<Boolean>> outcomes = new ArrayList<>();
    try (ExecutorService executor = Executors.newFixedThreadPool(8)) {
      for (Lease lease : leases) {
        outcomes.add(
            executor.submit(
                () -> {
                  start.await();
                  return lease.tryAcquire();
                }));
      }
      start.countDown();
    }
    int taken = 0;
    for (Future<Boolean> outcome : outcomes) {
      taken += outcome.get() ? 1 : 0;
    }
    assertThat(taken).isEqualTo(1);
  }

  @Test
  void leases_sharedStore_renewInTheBackground() throws Exception {
    Leases leases = new Leases(Leases.Options.shared("a").duration(Duration.ofMillis(30)));
    all.add(leases);
    Lease lease = leases.lease(store, TABLE, KEY, "d");
    lease.tryAcquire();
    byte[] life = {KEY[0], 1};
    AtomicReference<Watch> watch = new AtomicReference<>();
    for (int i = 0; i < 3; i++) {
      watch.set(store.read(transaction -> transaction.watch(TABLE, life)));
      assertThat(watch.get().await(Duration.ofSeconds(30))).isTrue();
      watch.get().close();
    }
    lease.close();
    assertThat(lease(" b").tryAcquire()).isTrue();
  }

  @Test
  void wanted_moreThanItsNumber_forgetsTheOneAskedForLongestAgo() {
    try (Leases leases = new Leases(Leases.Options.exclusive("host"))) {
      WantedLeases<Integer> wanted = new WantedLeases<>(2);
      Supplier<Lease> maker = () -> leases.lease(store, TABLE, KEY, "It");
      Lease one = wanted.get(1, maker);
      Lease two = wanted.get(2, maker);
      assertThat(wanted.get(1, maker)).isSameAs(one);
      wanted.get(3, maker);
      assertThat(wanted.size()).isEqualTo(2);
      assertThat(wanted.get(1, maker)).isSameAs(one);
      assertThat(wanted.claim(2, two)).isFalse();
      assertThat(wanted.claim(1, one)).isTrue();
      assertThat(wanted.claim(1, one)).isFalse();
    }
  }
}
