package io.divan.storage.fdb.simulation;

import com.apple.foundationdb.directory.DirectoryLayer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Who runs when: the machinery of {@link SimulatedClients}, which says what it promises.
 *
 * <ol>
 *   <li>While a run goes on, {@code current} is the one client that may run; all others are parked,
 *       each on its own semaphore. Only the current client chooses the next one.
 *   <li>A client can go on if it is ready, if what it waits for is there, or if its deadline has
 *       passed; of those the seed picks one. If there is none, the clock moves to the next deadline
 *       or timer; if there is none either, the run has failed.
 *   <li>Timers run on the current client's thread, with no lock held; a call to the simulation from
 *       within one hands nothing over.
 *   <li>After a failure every client that wants to go on is stopped by {@link Stopped}.
 *   <li>Outside a run (before it, after it) calls go straight through.
 * </ol>
 */
final class Turns implements Timing {

  /** Ends a client of a run that has failed. */
  static final class Stopped extends Error {
    private static final long serialVersionUID = 1L;

    Stopped() {
      super("the run has ended", null, false, false);
    }
  }

  /** One client. */
  static final class Client {
    private final String name;
    private final SimulatedClients.Program program;
    private final Semaphore mayRun = new Semaphore(0);
    private @Nullable BooleanSupplier ready;
    private long deadline = Long.MAX_VALUE;
    private boolean inTimer;

    private Client(String name, SimulatedClients.Program program) {
      this.name = name;
      this.program = program;
    }

    private boolean canGoOn(long now) {
      BooleanSupplier condition = ready;
      return condition == null || deadline <= now || condition.getAsBoolean();
    }
  }

  private record Timer(long at, long order, Runnable work) {}

  /**
   * fdb-java's directory layer makes calls while it holds this class's monitor. They hand nothing
   * over: the next client might want the monitor, and would wait for it with its turn in hand.
   */
  private static final Class<?> ALLOCATOR = allocator();

  /** How far the clock may move in one step: often not at all. */
  private static final int STEP_NANOS_MAX = 20_000;

  private final ReentrantLock lock = new ReentrantLock();
  private final RandomGenerator random;
  private final List<Client> alive = new ArrayList<>();
  private final ConcurrentHashMap<Thread, Client> byThread = new ConcurrentHashMap<>();
  private final PriorityQueue<Timer> timers =
      new PriorityQueue<>(
          (a, b) -> a.at != b.at ? Long.compare(a.at, b.at) : Long.compare(a.order, b.order));
  private final CountDownLatch end = new CountDownLatch(1);
  private volatile boolean running;
  private volatile long now;
  private volatile @Nullable Throwable failure;
  private @Nullable Client current;
  private long timersMade;
  private long steps;
  private long trace;

  Turns(RandomGenerator random) {
    this.random = random;
  }

  private static Class<?> allocator() {
    String name = DirectoryLayer.class.getName() + "$HighContentionAllocator";
    try {
      return Class.forName(name, false, DirectoryLayer.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException("this fdb-java has another directory layer", e);
    }
  }

  @Override
  public long nanos() {
    return now;
  }

  long steps() {
    return steps;
  }

  long trace() {
    return trace;
  }

  void add(String name, SimulatedClients.Program program) {
    Client client = new Client(name, program);
    Thread thread = Thread.ofVirtual().name("client " + name).unstarted(() -> live(client));
    lock.lock();
    try {
      if (end.getCount() == 0) {
        throw new IllegalStateException("the run has ended");
      }
      alive.add(client);
      byThread.put(thread, client);
    } finally {
      lock.unlock();
    }
    thread.start();
  }

  private void live(Client client) {
    client.mayRun.acquireUninterruptibly();
    try {
      if (failure == null) {
        client.program.run();
      }
    } catch (Stopped e) {
      // Another client failed; that is what the run reports.
    } catch (Throwable e) {
      fail(new AssertionError("client " + client.name + ": " + e, e));
    } finally {
      byThread.remove(Thread.currentThread());
      leave(client);
    }
  }

  private void leave(Client client) {
    lock.lock();
    try {
      alive.remove(client);
      if (alive.isEmpty()) {
        running = false;
        end.countDown();
        return;
      }
    } finally {
      lock.unlock();
    }
    handOver(client);
  }

  private void fail(Throwable e) {
    lock.lock();
    try {
      if (failure == null) {
        failure = e;
      }
    } finally {
      lock.unlock();
    }
  }

  /** Lets the first client go. */
  void begin() {
    Client first;
    lock.lock();
    try {
      if (alive.isEmpty()) {
        end.countDown();
        return;
      }
      running = true;
      first = pick(alive);
      current = first;
    } finally {
      lock.unlock();
    }
    first.mayRun.release();
  }

  /** What the run failed with; null for nothing. */
  @Nullable Throwable awaitEnd(Duration most) throws TimeoutException {
    try {
      if (!end.await(most.toNanos(), TimeUnit.NANOSECONDS)) {
        fail(new TimeoutException("no end"));
        Client stuck = current;
        throw new TimeoutException(
            "the run has not ended; running: " + (stuck == null ? "nobody" : stuck.name));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      fail(e);
    }
    return failure;
  }

  /** The client of the calling thread; null outside a run. */
  private @Nullable Client self() {
    if (!running) {
      return null;
    }
    Client client = byThread.get(Thread.currentThread());
    if (client == null) {
      throw new IllegalStateException(
          "thread " + Thread.currentThread().getName() + " is no client of the simulated run");
    }
    return client.inTimer ? null : client;
  }

  @Override
  public void turn() {
    Client client = self();
    if (client != null && !Thread.holdsLock(ALLOCATOR)) {
      client.ready = null;
      step();
      handOver(client);
    }
  }

  @Override
  public void pause(long nanos) {
    await(() -> false, Math.max(0, nanos));
  }

  /** Waits for a condition that another client or a timer brings about; at most so long. */
  boolean await(BooleanSupplier condition, long nanos) {
    Client client = self();
    if (client == null) {
      return condition.getAsBoolean();
    }
    client.ready = condition;
    client.deadline = nanos > Long.MAX_VALUE - now ? Long.MAX_VALUE : now + nanos;
    step();
    handOver(client);
    client.ready = null;
    client.deadline = Long.MAX_VALUE;
    return condition.getAsBoolean();
  }

  private void step() {
    if (++steps > SimulatedClients.STEPS_MAX) {
      fail(new IllegalStateException("more than " + SimulatedClients.STEPS_MAX + " steps"));
    }
    if (random.nextBoolean()) {
      now += random.nextInt(STEP_NANOS_MAX);
    }
  }

  /** Chooses who goes on; returns when the caller may, or at once if it has left. */
  private void handOver(Client self) {
    boolean left = !byThread.containsKey(Thread.currentThread());
    Client next = choose(self);
    if (next != self) {
      next.mayRun.release();
      if (!left) {
        self.mayRun.acquireUninterruptibly();
      }
    }
    if (!left && failure != null) {
      throw new Stopped();
    }
  }

  private Client choose(Client self) {
    while (true) {
      runTimers(self);
      lock.lock();
      try {
        if (failure != null) {
          return become(alive.contains(self) ? self : alive.getFirst());
        }
        List<Client> able = alive.stream().filter(client -> client.canGoOn(now)).toList();
        if (!able.isEmpty()) {
          return become(pick(able));
        }
        long next = alive.stream().mapToLong(client -> client.deadline).min().orElseThrow();
        Timer timer = timers.peek();
        next = timer == null ? next : Math.min(next, timer.at);
        if (next == Long.MAX_VALUE) {
          failure = new IllegalStateException(
              "all clients wait: " + alive.stream().map(client -> client.name).toList());
        } else {
          now = Math.max(now, next);
        }
      } finally {
        lock.unlock();
      }
    }
  }

  private Client become(Client client) {
    current = client;
    return client;
  }

  private Client pick(List<Client> able) {
    int index = random.nextInt(able.size());
    trace = 31 * trace + index + 1;
    trace = 31 * trace + now;
    return able.get(index);
  }

  private void runTimers(Client self) {
    self.inTimer = true;
    try {
      for (Timer due = takeDue(); due != null; due = takeDue()) {
        due.work.run();
      }
    } finally {
      self.inTimer = false;
    }
  }

  private @Nullable Timer takeDue() {
    lock.lock();
    try {
      Timer timer = timers.peek();
      return timer != null && timer.at <= now ? timers.poll() : null;
    } finally {
      lock.unlock();
    }
  }

  /** Does something once so much time has passed. */
  void after(long nanos, Runnable work) {
    lock.lock();
    try {
      timers.add(new Timer(now + Math.max(0, nanos), timersMade++, work));
    } finally {
      lock.unlock();
    }
  }

  @Override
  public <T> CompletableFuture<T> future() {
    return new TurnFuture<>(this);
  }

  @Override
  public CompletableFuture<Void> delay(long nanos, Executor executor) {
    // The caller waits here: fdb-java's asynchronous loops make futures of their own, whose waiters
    // would keep their turns.
    pause(nanos);
    CompletableFuture<Void> future = future();
    future.complete(null);
    return future;
  }
}
