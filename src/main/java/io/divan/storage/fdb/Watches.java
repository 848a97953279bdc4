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
 * The watches of one instance. All that watch a key share a group, which has one watch in
 * FoundationDB, or is polled where there are too many of those. Safe for use by many threads.
 *
 * <ol>
 *   <li>A group knows the value its watch was armed against. Whoever saw the same value joins it;
 *       whoever saw another begins a new group, and the old one fires: one of the two is behind,
 *       and it costs no more than a look to find out which.
 *   <li>A group's watch is armed in the transaction of the one who began it. When that fails, so
 *       does the watch, and the group fires.
 *   <li>A watch of a key that is absent takes part in the group of its database's version too,
 *       which a deletion of the database removes: the key itself would not change.
 *   <li>Nothing of FoundationDB's is called with the lock held, since answers may come at once, and
 *       from other threads that hold its locks.
 *   <li>A group without watches is removed, and one that fired.
 * </ol>
 *
 * @see <a href="https://apple.github.io/foundationdb/developer-guide.html#watches">watches</a>
 */
final class Watches {

  /** The most watches, polled ones included. */
  static final int WATCHES_MAX = 100_000;

  private static final int POLLED_AT_ONCE = 500;

  /** Values up to this length are compared as they are, longer ones by their digest. */
  private static final int VALUE_BYTES_KEPT = 64;

  /** All that watch one key, having seen one value. */
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

  /** Of the kind that FoundationDB's interfaces give here, so that waiting is the same for all. */
  private volatile CompletableFuture<?> prototype = new CompletableFuture<>();

  private final ReentrantLock lock = new ReentrantLock();
  private final Map<ByteBuffer, Group> groups = new HashMap<>();
  private int size;
  private int armed;
  private boolean closed;

  /**
   * Makes a registry.
   *
   * @param armedMax the most watches in FoundationDB at a time; beyond that keys are polled
   */
  Watches(int armedMax) {
    this.armedMax = armedMax;
  }

  /** Gives a future of this database, which every wait is to be like. */
  void prototype(CompletableFuture<?> future) {
    prototype = future;
  }

  /**
   * A watch of a key, armed against the snapshot of an attempt; its commit makes it count.
   *
   * @param name of the database
   * @throws StorageException.DatabaseNotFound when the database's version row is gone too, which
   *     is also found out here where keys were removed by other means, as before a restore
   * @throws StorageException.StoreUnavailable when there are too many
   */
  FdbWatch watch(Attempt attempt, String name, StoreSpace space, byte[] key) {
    FdbWatch watch = new FdbWatch(this, prototype.newIncompleteFuture());
    count();
    try {
      boolean present = join(watch, attempt, key);
      if (!present && !attempt.hasBumped() && !join(watch, attempt, space.version())) {
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
            "This instance has " + WATCHES_MAX + " watches, which is the limit");
      }
      size++;
    } finally {
      lock.unlock();
    }
  }

  /** Returns whether the key is present. */
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
    if (reason != null && FdbErrors.isNoWatch(reason)) {
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

  /** Fires every watch of a database that has been deleted here. */
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

  /** Ends the watches of an attempt that failed: others may have joined the groups it began. */
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

  /** Removes a group; called with the lock held. Returns who is to be fired, without it. */
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

  /** Takes back a watch that is closed. */
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
   * Looks at keys, some at a time, and fires the groups of those that changed.
   *
   * @param all whether to look at all, or only at those that no watch is armed for
   */
  void poll(Transactions transactions, boolean all) {
    List<byte[]> keys = keys(all);
    for (int from = 0; from < keys.size(); from += POLLED_AT_ONCE) {
      List<byte[]> some = keys.subList(from, Math.min(keys.size(), from + POLLED_AT_ONCE));
      List<byte[]> values = transactions.maintain(attempt -> fingerprints(attempt, some));
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

  /** Fires every watch, and those still to come at once: the adapter is closed. */
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

  /** How many watches are not closed. */
  int size() {
    lock.lock();
    try {
      return size;
    } finally {
      lock.unlock();
    }
  }

  /** How many watches there are in FoundationDB. */
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
        throw new IllegalStateException("Every Java has SHA-256", e);
      }
    }
    return KeySpace.join(new byte[] {(byte) (kept == value ? 1 : 2)}, kept);
  }
}
