package io.divan.storage.sqlite.pages;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The newest pages of files, as far as there is room: those least recently used go. Safe for use by
 * many threads; nothing blocks with its locks.
 *
 * <ol>
 *   <li>{@link Known} says up to which version the changes of a file are known here; it only grows.
 *   <li>A page in the cache was not changed between the version it is from and the version known.
 *       So it is what a reader sees at any version between the two.
 *   <li>To learn of a version, {@code next} is raised first, then pages that changed are removed,
 *       then the version known is raised. A page is only added with the lock of its shard, by a
 *       reader at {@code next}. So none is added that a removal under way should have removed.
 *   <li>A reader looks up pages only after the version known has reached its own.
 * </ol>
 */
final class PageCache {

  /** Up to which version the changes of a file are known. */
  static final class Known {
    private final ReentrantLock lock = new ReentrantLock();
    private volatile long next;
    private volatile long version;

    /** The newest version that anybody here has seen. */
    long version() {
      return version;
    }
  }

  /** What a page weighs besides its bytes. */
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

  /** Makes a cache of so many bytes. */
  PageCache(long bytesMax) {
    shardBytesMax = bytesMax / SHARDS;
    for (int i = 0; i < SHARDS; i++) {
      shards[i] = new Shard();
    }
  }

  /** A number for a file, of whatever store. */
  int newFile() {
    return files.incrementAndGet();
  }

  private static long key(int file, int page) {
    return (long) file << 32 | page;
  }

  /** Neighbours lie in one shard, so that a scan takes one lock after another. */
  private Shard shard(long key) {
    return shards[(int) ((key >>> 4 ^ key >>> 32) & SHARDS - 1)];
  }

  /** The page as a reader at this version sees it, or null. */
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

  /** Adds what a reader at a version has read, if that is the newest known. */
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

  /** The file is now known up to a version in which, since the one before, these changed. */
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

  /** The file is now known up to this version, whatever has changed. */
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

  /** A commit of this process made a version out of the one before, with these pages. */
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

  /** Forgets a file that is deleted. */
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

  /** What the cache holds, in bytes. */
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
