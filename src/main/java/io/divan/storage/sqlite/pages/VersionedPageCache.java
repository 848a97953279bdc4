package io.divan.storage.sqlite.pages;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A cache of the newest pages of files, which evicts the least recently used ones. Thread-safe; its
 * locks are never held during I/O.
 *
 * <ol>
 *   <li>{@link Known} holds the version up to which the changes of a file are known; it only grows.
 *   <li>A cached page has not changed between its own version and the known version. So a reader at
 *       any version between the two sees this page.
 *   <li>To learn of a version, {@code next} is raised first, then changed pages are removed, then
 *       the known version is raised. Pages are added only with the lock of their shard, and only by
 *       readers at {@code next}. So no page is added that a concurrent removal should have removed.
 *   <li>A reader looks up pages only once the known version has reached its own.
 * </ol>
 */
final class VersionedPageCache {

  /** The version up to which the changes of a file are known. */
  static final class Known {
    private final ReentrantLock lock = new ReentrantLock();
    private volatile long next;
    private volatile long version;

    /** The newest version seen in this process. */
    long version() {
      return version;
    }
  }

  /** The memory of an entry in addition to its page. */
  private static final int OVERHEAD_BYTES = 128;

  private static final int SHARDS = 16;

  private record Entry(long from, byte[] page) {
    int weight() {
      return OVERHEAD_BYTES + (page == PageCodec.ZEROS ? 0 : page.length);
    }
  }

  private static final class Shard {
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Long, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);
    private long bytes;

    private void set(long key, Entry entry, long bytesMax) {
      remove(entries.put(key, entry));
      bytes += entry.weight();
      var eldest = entries.entrySet().iterator();
      while (bytes > bytesMax && eldest.hasNext()) {
        bytes -= eldest.next().getValue().weight();
        eldest.remove();
      }
    }

    private void remove(@Nullable Entry entry) {
      if (entry != null) {
        bytes -= entry.weight();
      }
    }
  }

  private final AtomicInteger files = new AtomicInteger();
  private final Shard[] shards = new Shard[SHARDS];
  private final long shardBytesMax;

  /** Creates a cache of at most {@code bytesMax} bytes. */
  VersionedPageCache(long bytesMax) {
    shardBytesMax = bytesMax / SHARDS;
    for (int i = 0; i < SHARDS; i++) {
      shards[i] = new Shard();
    }
  }

  /** A new number for a file, unique across stores. */
  int newFile() {
    return files.incrementAndGet();
  }

  /**
   * The key of a page. Neighbouring pages belong to the same shard, so a scan takes few locks. The
   * bits that select the shard are the highest ones of the page; the bits that differ within a
   * shard are those that a hash table uses.
   */
  static long key(int file, int page) {
    int rotated = page >>> 8 << 4 | page & 15 | (page >>> 4 & SHARDS - 1) << 28;
    return (long) file << 32 | rotated & 0xFFFF_FFFFL;
  }

  private Shard shard(long key) {
    return shards[(int) ((key >>> 28 ^ key >>> 32) & SHARDS - 1)];
  }

  /** The page that a reader at this version sees, or null. */
  byte @Nullable [] get(int file, int page, long version) {
    long key = key(file, page);
    Shard shard = shard(key);
    shard.lock.lock();
    try {
      Entry entry = shard.entries.get(key);
      return entry != null && entry.from() <= version ? entry.page() : null;
    } finally {
      shard.lock.unlock();
    }
  }

  /** Adds a page that a reader has read, if the reader's version is the newest known one. */
  void add(int file, int page, long from, byte[] content, long version, Known known) {
    long key = key(file, page);
    Shard shard = shard(key);
    shard.lock.lock();
    try {
      if (known.next == version) {
        shard.set(key, new Entry(from, content), shardBytesMax);
      }
    } finally {
      shard.lock.unlock();
    }
  }

  /** Raises the known version from {@code before} to {@code version}, which changed these pages. */
  void changed(int file, Known known, long before, long version, Collection<int[]> changed) {
    known.lock.lock();
    try {
      if (known.version >= version) {
        return;
      }
      known.next = version;
      if (known.version == before) {
        for (int[] pages : changed) {
          for (int page : pages) {
            remove(key(file, page));
          }
        }
      } else {
        forgetPages(file);
      }
      known.version = version;
    } finally {
      known.lock.unlock();
    }
  }

  private void remove(long key) {
    Shard shard = shard(key);
    shard.lock.lock();
    try {
      shard.remove(shard.entries.remove(key));
    } finally {
      shard.lock.unlock();
    }
  }

  /** Raises the known version without knowing which pages have changed. */
  void changed(int file, Known known, long version) {
    known.lock.lock();
    try {
      if (known.version < version) {
        known.next = version;
        forgetPages(file);
        known.version = version;
      }
    } finally {
      known.lock.unlock();
    }
  }

  /** Raises the known version by one after a commit of this process, and caches its pages. */
  void committed(int file, Known known, long version, Map<Integer, byte[]> pages) {
    known.lock.lock();
    try {
      if (known.version > version || known.version < version - 1) {
        pages.keySet().forEach(page -> remove(key(file, page)));
        return;
      }
      known.next = version;
      pages.forEach(
          (page, content) -> {
            long key = key(file, page);
            Shard shard = shard(key);
            shard.lock.lock();
            try {
              if (content.length == 0) {
                shard.remove(shard.entries.remove(key));
              } else {
                byte[] seen = content == PageCodec.HOLE ? PageCodec.ZEROS : content;
                shard.set(key, new Entry(version, seen), shardBytesMax);
              }
            } finally {
              shard.lock.unlock();
            }
          });
      known.version = version;
    } finally {
      known.lock.unlock();
    }
  }

  /** Removes all pages of a deleted file. */
  void forget(int file, Known known) {
    known.lock.lock();
    try {
      forgetPages(file);
    } finally {
      known.lock.unlock();
    }
  }

  private void forgetPages(int file) {
    for (Shard shard : shards) {
      shard.lock.lock();
      try {
        shard.entries
            .entrySet()
            .removeIf(
                entry -> {
                  boolean its = entry.getKey() >>> 32 == file;
                  if (its) {
                    shard.remove(entry.getValue());
                  }
                  return its;
                });
      } finally {
        shard.lock.unlock();
      }
    }
  }

  /** The size of the cache, in bytes. */
  long bytes() {
    long bytes = 0;
    for (Shard shard : shards) {
      shard.lock.lock();
      try {
        bytes += shard.bytes;
      } finally {
        shard.lock.unlock();
      }
    }
    return bytes;
  }
}
