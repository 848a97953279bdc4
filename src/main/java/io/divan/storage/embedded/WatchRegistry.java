package io.divan.storage.embedded;

import io.divan.storage.StorageException;
import io.divan.storage.Table;
import io.divan.storage.Watch;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The watches of one store, for backends in this process. Keys are hashed to {@link #SLOTS} slots.
 * A transaction marks the slots of keys it writes, and the tables it deletes ranges of, in {@link
 * Touched}; its commit fires the watches of marked slots and tables. Keys that share a slot fire
 * each other's watches, which the contract of {@link Watch} allows. Safe for use by many threads.
 *
 * <ol>
 *   <li>{@link #mark()} is taken before a snapshot begins; {@link #committed} is called after the
 *       commit has become visible. A commit that the snapshot does not see is therefore announced
 *       after the mark was taken.
 *   <li>{@link #watch} registers only while no commit has been announced since the mark; otherwise
 *       the watch fires at once. So a change is either seen by the snapshot or fires the watch.
 *   <li>A watch leaves its slot when it fires or is closed.
 * </ol>
 */
public final class WatchRegistry {

  /** The most watches of a store, unless the backend says otherwise. */
  public static final int WATCHES_MAX = 100_000;

  private static final int SLOTS = 1_024;
  private static final int TABLES = 256;

  /** The slots of keys that a transaction wrote. Used by one thread at a time; reusable. */
  public static final class Touched {
    private final long[] bits = new long[SLOTS / Long.SIZE];
    private final long[] tables = new long[TABLES / Long.SIZE];

    /** Marks one key. */
    public void add(Table table, byte[] key) {
      int slot = slot(table, key);
      bits[slot >> 6] |= 1L << slot;
    }

    /** Marks every key of a table. */
    public void addAll(Table table) {
      tables[table.number() >> 6] |= 1L << table.number();
    }

    /** Marks what {@code other} has marked. */
    public void add(Touched other) {
      for (int i = 0; i < bits.length; i++) {
        bits[i] |= other.bits[i];
      }
      for (int i = 0; i < tables.length; i++) {
        tables[i] |= other.tables[i];
      }
    }

    /** Forgets all marks. */
    public void clear() {
      Arrays.fill(bits, 0);
      Arrays.fill(tables, 0);
    }

    private boolean hasTables() {
      return (tables[0] | tables[1] | tables[2] | tables[3]) != 0;
    }

    private boolean hasTable(int number) {
      return (tables[number >> 6] & 1L << number) != 0;
    }
  }

  private final class RegisteredWatch implements Watch {
    private final CountDownLatch over = new CountDownLatch(1);
    private final int slot;
    private final int table;
    private volatile boolean fired;

    RegisteredWatch(int slot, int table) {
      this.slot = slot;
      this.table = table;
    }

    void fire() {
      fired = true;
      over.countDown();
    }

    @Override
    public boolean await(Duration atMost) throws InterruptedException {
      return over.await(atMost.toNanos(), TimeUnit.NANOSECONDS) && fired;
    }

    @Override
    public void close() {
      remove(this);
      over.countDown();
    }
  }

  private final int watchesMax;

  @SuppressWarnings("UnusedVariable") // keeps it reachable
  private final @Nullable Object owner;

  private final ReentrantLock lock = new ReentrantLock();
  private volatile long commits;
  private @Nullable Set<RegisteredWatch> @Nullable [] slots;
  private int registered;
  private boolean closed;

  /** Creates a registry without watches. */
  public WatchRegistry(int watchesMax) {
    this(watchesMax, null);
  }

  /**
   * Creates the registry of a store.
   *
   * @param owner the store's handle, which stays reachable as long as a watch: another handle of
   *     the store would not fire it
   */
  WatchRegistry(int watchesMax, @Nullable Object owner) {
    this.watchesMax = watchesMax;
    this.owner = owner;
  }

  /** Returns the mark for watches of a snapshot. Called before the snapshot begins. */
  public long mark() {
    return commits;
  }

  /**
   * Watches a key for changes after the snapshot that {@code mark} was taken for.
   *
   * @throws StorageException.StoreUnavailable if the store has too many watches
   */
  public Watch watch(long mark, Table table, byte[] key) {
    RegisteredWatch watch = new RegisteredWatch(slot(table, key), table.number());
    lock.lock();
    try {
      if (closed || commits != mark) {
        watch.fire();
        return watch;
      }
      if (registered >= watchesMax) {
        throw new StorageException.StoreUnavailable(
            "The store has " + watchesMax + " watches, which is the limit");
      }
      slotOf(watch).add(watch);
      registered++;
      return watch;
    } finally {
      lock.unlock();
    }
  }

  /** Announces a visible commit, and fires the watches of the keys it wrote. */
  public void committed(Touched touched) {
    lock.lock();
    try {
      commits++;
      if (registered > 0) {
        for (int i = 0; i < touched.bits.length; i++) {
          for (long left = touched.bits[i]; left != 0; left &= left - 1) {
            fireSlot(i * Long.SIZE + Long.numberOfTrailingZeros(left));
          }
        }
        if (touched.hasTables()) {
          fireTables(touched);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** Fires every watch, because the committed keys are not known. */
  public void allMayHaveChanged() {
    lock.lock();
    try {
      commits++;
      fireAll();
    } finally {
      lock.unlock();
    }
  }

  /** Fires every watch, also later ones: the store is deleted or closed. */
  public void close() {
    lock.lock();
    try {
      closed = true;
      fireAll();
    } finally {
      lock.unlock();
    }
  }

  /** Returns the number of watches that wait for a change. */
  public int size() {
    lock.lock();
    try {
      return registered;
    } finally {
      lock.unlock();
    }
  }

  private void fireAll() {
    for (int slot = 0; slot < SLOTS && registered > 0; slot++) {
      fireSlot(slot);
    }
  }

  private void fireTables(Touched touched) {
    for (int slot = 0; slots != null && slot < SLOTS && registered > 0; slot++) {
      Set<RegisteredWatch> watches = slots[slot];
      if (watches != null) {
        int before = watches.size();
        watches.removeIf(
            watch -> {
              boolean marked = touched.hasTable(watch.table);
              if (marked) {
                watch.fire();
              }
              return marked;
            });
        registered -= before - watches.size();
        if (watches.isEmpty()) {
          slots[slot] = null;
        }
      }
    }
  }

  private void fireSlot(int slot) {
    if (slots == null) {
      return;
    }
    Set<RegisteredWatch> watches = slots[slot];
    if (watches != null) {
      registered -= watches.size();
      watches.forEach(RegisteredWatch::fire);
      slots[slot] = null;
    }
  }

  @SuppressWarnings({"unchecked", "rawtypes"})
  private Set<RegisteredWatch> slotOf(RegisteredWatch watch) {
    if (slots == null) {
      slots = new Set[SLOTS];
    }
    Set<RegisteredWatch> watches = slots[watch.slot];
    if (watches == null) {
      watches = new HashSet<>();
      slots[watch.slot] = watches;
    }
    return watches;
  }

  private void remove(RegisteredWatch watch) {
    lock.lock();
    try {
      if (slots == null) {
        return;
      }
      Set<RegisteredWatch> watches = slots[watch.slot];
      if (watches != null && watches.remove(watch)) {
        registered--;
        if (watches.isEmpty()) {
          slots[watch.slot] = null;
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private static int slot(Table table, byte[] key) {
    int hash = (Arrays.hashCode(key) * 31 + table.number()) * 0x9E3779B9;
    return hash >>> 22;
  }
}
