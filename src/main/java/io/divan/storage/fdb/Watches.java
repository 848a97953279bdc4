package io.divan.storage.fdb;

import com.apple.foundationdb.Transaction;
import io.divan.storage.StorageException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The watches of one instance. All watches of a key form a group, which has one watch in
 * FoundationDB, or is polled if FoundationDB has too many watches. Thread-safe.
 *
 * <ol>
 *   <li>A group knows the value that its watch was armed against. A new watch joins the group if it
 *       has read the same value. Otherwise it begins a new group, and the old group fires: one of
 *       the two values is outdated, and a spurious wake-up costs one read.
 *   <li>A group's watch is armed in the transaction of its first member. If that transaction fails,
 *       so does the watch, and the group fires.
 *   <li>A watch of an absent key also joins the group of its database's version row, which changes
 *       when the database is deleted. The absent key itself would not change.
 *   <li>No method of FoundationDB is called with the lock held: futures may complete at once, and
 *       on other threads that hold FoundationDB's locks.
 *   <li>A group is removed when it fires or loses its last member.
 * </ol>
 *
 * @see <a href="https://apple.github.io/foundationdb/developer-guide.html#watches">Watches</a>
 */
final class Watches {

  /** The maximum number of watches, including polled ones. */
  static final int WATCHES_MAX = 100_000;

  private static final int POLLED_AT_ONCE = 500;

  /** Values up to this length are kept for comparison; longer ones are kept as a digest. */
  private static final int VALUE_BYTES_KEPT = 64;

  /** The watches of one key whose transactions read the same value. */
  static final class Group {
    private final ByteBuffer key;
    private final byte[] seen;
    private final FdbWatch first;
    private final Set<FdbWatch> members = new HashSet<>();
    private @Nullable CompletableFuture<Void> armed;
    private boolean polled;
    private boolean over;

    private Group(ByteBuffer key, byte[] seen, FdbWatch first) {
      this.key = key;
      this.seen = seen;
      this.first = first;
    }
  }

  private final int armedMax;

  /** Creates the futures that watches wait on; on a simulated cluster they follow its clock. */
  private volatile CompletableFuture<?> prototype = new CompletableFuture<>();

  private final ReentrantLock lock = new ReentrantLock();
  private final Map<ByteBuffer, Group> groups = new HashMap<>();
  private int size;
  private int armed;
  private boolean closed;

  /**
   * Creates an empty registry.
   *
   * @param armedMax the maximum number of watches in FoundationDB; further keys are polled
   */
  Watches(int armedMax) {
    this.armedMax = armedMax;
  }

  /** Sets a future of the cluster in use, from which the futures of watches are derived. */
  void prototype(CompletableFuture<?> future) {
    prototype = future;
  }

  /**
   * Watches a key, starting from the value at the attempt's read version. The watch takes effect
   * when the attempt commits.
   *
   * @param name the database's name
   * @throws StorageException.DatabaseNotFound if both the key and the database's version row are
   *     absent. This also detects databases removed by other means, as before a restore
   * @throws StorageException.StoreUnavailable if there are too many watches
   */
  FdbWatch watch(Attempt attempt, String name, StoreSpace space, byte[] key) {
    FdbWatch watch = new FdbWatch(this, prototype.newIncompleteFuture());
    count();
    try {
      boolean present = join(watch, attempt, key);
      if (!present && !attempt.hasBumped() && !join(watch, attempt, space.versionKey())) {
        throw new StorageException.DatabaseNotFound(name);
      }
    } catch (RuntimeException | Error e) {
      watch.close();
      throw e;
    }
    return watch;
  }

  private void count() {
    lock.lock();
    try {
      if (size >= WATCHES_MAX) {
        throw new StorageException.StoreUnavailable(
            "This instance has reached its limit of " + WATCHES_MAX + " watches");
      }
      size++;
    } finally {
      lock.unlock();
    }
  }

  /** Adds a watch to the group of a key. Returns whether the key is present. */
  private boolean join(FdbWatch watch, Attempt attempt, byte[] key) {
    byte[] value = attempt.await(attempt.transaction().snapshot().get(key));
    byte[] seen = fingerprint(value);
    List<FdbWatch> behind = List.of();
    @Nullable Group begun = null;
    lock.lock();
    try {
      if (closed) {
        watch.fire();
        return true;
      }
      ByteBuffer wrapped = ByteBuffer.wrap(key);
      Group group = groups.get(wrapped);
      if (group == null || !Arrays.equals(group.seen, seen)) {
        behind = group == null ? List.of() : end(group);
        group = new Group(wrapped, seen, watch);
        groups.put(wrapped, group);
        group.polled = armed >= armedMax;
        if (!group.polled) {
          armed++;
          begun = group;
        }
      }
      group.members.add(watch);
      watch.groups.add(group);
    } finally {
      lock.unlock();
    }
    behind.forEach(FdbWatch::fire);
    if (begun != null) {
      arm(begun, attempt.transaction());
    }
    return value != null;
  }

  private void arm(Group group, Transaction arming) {
    CompletableFuture<Void> future;
    try {
      future = arming.watch(group.key.array());
    } catch (RuntimeException e) {
      future = CompletableFuture.failedFuture(e);
    }
    boolean over;
    lock.lock();
    try {
      group.armed = future;
      over = group.over;
    } finally {
      lock.unlock();
    }
    if (over) {
      future.cancel(true);
    } else {
      future.whenComplete((nothing, e) -> ended(group, e));
    }
  }

  private void ended(Group group, @Nullable Throwable e) {
    Throwable reason = e instanceof CompletionException && e.getCause() != null ? e.getCause() : e;
    if (reason != null && FdbErrors.isWatchUnavailable(reason)) {
      poll(group);
    } else {
      fire(group);
    }
  }

  private void poll(Group group) {
    lock.lock();
    try {
      if (!group.over && !group.polled) {
        group.polled = true;
        group.armed = null;
        armed--;
      }
    } finally {
      lock.unlock();
    }
  }

  private void fire(Group group) {
    List<FdbWatch> members;
    lock.lock();
    try {
      members = end(group);
    } finally {
      lock.unlock();
    }
    members.forEach(FdbWatch::fire);
  }

  /** Fires all watches of a database that this instance has deleted. */
  void fireAll(StoreSpace space) {
    List<Group> those;
    lock.lock();
    try {
      those =
          groups.values().stream().filter(group -> space.contains(group.key.array())).toList();
    } finally {
      lock.unlock();
    }
    those.forEach(this::fireAndCancel);
  }

  private void fireAndCancel(Group group) {
    CompletableFuture<Void> future;
    lock.lock();
    try {
      future = group.armed;
    } finally {
      lock.unlock();
    }
    fire(group);
    if (future != null) {
      future.cancel(true);
    }
  }

  /**
   * Fires the watches of a failed attempt, and the groups they began, which others may have joined.
   */
  void failed(List<FdbWatch> watches) {
    for (FdbWatch watch : watches) {
      List<Group> begun;
      lock.lock();
      try {
        begun = watch.groups.stream().filter(group -> group.first == watch).toList();
      } finally {
        lock.unlock();
      }
      begun.forEach(this::fireAndCancel);
      watch.fire();
      leave(watch);
    }
  }

  /** Removes a group, with the lock held. Returns the watches to fire once the lock is released. */
  private List<FdbWatch> end(Group group) {
    if (group.over) {
      return List.of();
    }
    group.over = true;
    groups.remove(group.key, group);
    if (!group.polled) {
      armed--;
    }
    for (FdbWatch member : group.members) {
      member.groups.remove(group);
    }
    return List.copyOf(group.members);
  }

  /** Removes a closed watch. */
  void leave(FdbWatch watch) {
    List<CompletableFuture<Void>> unused = new ArrayList<>(1);
    lock.lock();
    try {
      if (!watch.counted) {
        return;
      }
      watch.counted = false;
      size--;
      for (Group group : List.copyOf(watch.groups)) {
        group.members.remove(watch);
        if (group.members.isEmpty()) {
          end(group);
          if (group.armed != null) {
            unused.add(group.armed);
          }
        }
      }
      watch.groups.clear();
    } finally {
      lock.unlock();
    }
    unused.forEach(future -> future.cancel(true));
  }

  private List<byte[]> keys(boolean all) {
    lock.lock();
    try {
      return groups.values().stream()
          .filter(group -> all || group.polled)
          .map(group -> group.key.array())
          .toList();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Reads watched keys in batches, and fires the groups whose key has changed.
   *
   * @param all whether to read all keys, or only those without a watch in FoundationDB
   */
  void poll(Transactions transactions, boolean all) {
    List<byte[]> keys = keys(all);
    for (int from = 0; from < keys.size(); from += POLLED_AT_ONCE) {
      List<byte[]> some = keys.subList(from, Math.min(keys.size(), from + POLLED_AT_ONCE));
      List<byte[]> values = transactions.runUnreported(attempt -> fingerprints(attempt, some));
      for (int i = 0; i < some.size(); i++) {
        fireUnlessSeen(some.get(i), values.get(i));
      }
    }
  }

  private static List<byte[]> fingerprints(Attempt attempt, List<byte[]> keys) {
    List<CompletableFuture<byte[]>> futures =
        keys.stream().map(key -> attempt.transaction().snapshot().get(key)).toList();
    return futures.stream().map(future -> fingerprint(attempt.await(future))).toList();
  }

  private void fireUnlessSeen(byte[] key, byte[] value) {
    Group group;
    lock.lock();
    try {
      group = groups.get(ByteBuffer.wrap(key));
    } finally {
      lock.unlock();
    }
    if (group != null && !Arrays.equals(group.seen, value)) {
      fire(group);
    }
  }

  /** Fires all watches; from now on new ones fire at once. */
  void close() {
    List<Group> all;
    lock.lock();
    try {
      closed = true;
      all = List.copyOf(groups.values());
    } finally {
      lock.unlock();
    }
    all.forEach(this::fireAndCancel);
  }

  /** The number of watches that are not closed. */
  int size() {
    lock.lock();
    try {
      return size;
    } finally {
      lock.unlock();
    }
  }

  /** The number of watches in FoundationDB. */
  int armed() {
    lock.lock();
    try {
      return armed;
    } finally {
      lock.unlock();
    }
  }

  private static byte[] fingerprint(byte @Nullable [] value) {
    if (value == null) {
      return new byte[0];
    }
    byte[] kept = value;
    if (value.length > VALUE_BYTES_KEPT) {
      try {
        kept = MessageDigest.getInstance("SHA-256").digest(value);
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("SHA-256 is not available", e);
      }
    }
    return KeySpace.join(new byte[] {(byte) (kept == value ? 1 : 2)}, kept);
  }
}
