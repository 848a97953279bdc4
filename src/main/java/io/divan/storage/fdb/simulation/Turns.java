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
 * The scheduler of {@link SimulatedClients}, which documents its guarantees.
 *
 * <ol>
 *   <li>During a run, {@code current} is the only client that may run. All others are parked, each
 *       on its own semaphore. Only the current client chooses the next one.
 *   <li>A client can continue if it is ready, if the condition it waits for holds, or if its
 *       deadline has passed. The seed picks one of these. If there is none, the clock advances to
 *       the next deadline or timer. If there is none of those either, the run fails.
 *   <li>Timers run on the current client's thread with no lock held. Calls of the simulation from a
 *       timer do not switch to another client.
 *   <li>After a failure, every client that wants to continue is stopped by {@link Stopped}.
 *   <li>Outside a run (before and after it) calls return without scheduling.
 * </ol>
 */
final class Turns implements Timing {

  /** Stops a client of a failed run. */
  static final class Stopped extends Error {
    private static final long serialVersionUID = 1L;

    Stopped() {
      super("The run has ended", null, false, false);
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
   * The class of fdb-java's directory layer that makes calls while holding its own monitor. Such
   * calls do not switch clients: the next client might block on the monitor while it is the current
   * one.
   */
  private static final Class<?> ALLOCATOR = allocator();

  /** The maximum advance of the clock in one step; often it does not advance. */
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
      throw new IllegalStateException("fdb-java's directory layer has no " + name, e);
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
        throw new IllegalStateException("The run has ended");
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
      // Another client failed; the run reports that failure.
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

  /** Starts the first client. */
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

  /** Waits for the end of the run. Returns its failure, or null. */
  @Nullable
  Throwable awaitEnd(Duration most) throws TimeoutException {
    try {
      if (!end.await(most.toNanos(), TimeUnit.NANOSECONDS)) {
        fail(new TimeoutException("The run has not ended"));
        Client stuck = current;
        throw new TimeoutException(
            "The run has not ended; running: " + (stuck == null ? "no client" : stuck.name));
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
          "Thread " + Thread.currentThread().getName() + " is not a client of the simulated run");
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

  /** Waits until another client or a timer makes a condition true, for at most {@code nanos}. */
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
      fail(new IllegalStateException("More than " + SimulatedClients.STEPS_MAX + " steps"));
    }
    if (random.nextBoolean()) {
      now += random.nextInt(STEP_NANOS_MAX);
    }
  }

  /** Chooses the client to continue. Returns when the caller may, or at once if it has ended. */
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
              "All clients wait: " + alive.stream().map(client -> client.name).toList());
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

  /** Schedules work after a delay. */
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
    // The caller waits here: fdb-java's asynchronous loops create futures of their own, and waiting
    // for those would not let other clients run.
    pause(nanos);
    CompletableFuture<Void> future = future();
    future.complete(null);
    return future;
  }
}
