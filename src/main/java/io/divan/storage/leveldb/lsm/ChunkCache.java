package io.divan.storage.leveldb.lsm;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An LRU cache of chunks with a size limit, shared by all directories. Chunks of a file that is
 * being written are not cached, because they change. Thread-safe.
 */
final class ChunkCache {

  /** Approximate memory of an entry in addition to its bytes. */
  private static final int OVERHEAD = 150;

  private record Key(Object directory, long token, long number, long chunk) {}

  private final LinkedHashMap<Key, byte[]> chunks = new LinkedHashMap<>(16, 0.75f, true);
  private final long bytesMax;
  private long bytes;
  private long hits;
  private long misses;

  ChunkCache(long bytesMax) {
    this.bytesMax = bytesMax;
  }

  synchronized byte @Nullable [] get(Object directory, FileRow file, long chunk) {
    byte[] found = chunks.get(key(directory, file, chunk));
    if (found == null) {
      misses++;
    } else {
      hits++;
    }
    return found;
  }

  synchronized void put(Object directory, FileRow file, long chunk, byte[] content) {
    byte[] before = chunks.put(key(directory, file, chunk), content);
    bytes += content.length + OVERHEAD - (before == null ? 0 : before.length + OVERHEAD);
    Iterator<Map.Entry<Key, byte[]>> eldest = chunks.entrySet().iterator();
    while (bytes > bytesMax && eldest.hasNext()) {
      bytes -= eldest.next().getValue().length + OVERHEAD;
      eldest.remove();
    }
  }

  synchronized void remove(Object directory, FileRow file) {
    for (long chunk = 0; chunk < file.chunks(); chunk++) {
      byte[] removed = chunks.remove(key(directory, file, chunk));
      bytes -= removed == null ? 0 : removed.length + OVERHEAD;
    }
  }

  /** Removes the chunks of a closed directory. */
  synchronized void removeAll(Object directory) {
    Iterator<Map.Entry<Key, byte[]>> entries = chunks.entrySet().iterator();
    while (entries.hasNext()) {
      Map.Entry<Key, byte[]> entry = entries.next();
      if (entry.getKey().directory() == directory) {
        bytes -= entry.getValue().length + OVERHEAD;
        entries.remove();
      }
    }
  }

  synchronized long bytes() {
    return bytes;
  }

  long bytesMax() {
    return bytesMax;
  }

  synchronized long hits() {
    return hits;
  }

  synchronized long misses() {
    return misses;
  }

  private static Key key(Object directory, FileRow file, long chunk) {
    return new Key(directory, file.token(), file.number(), chunk);
  }
}
