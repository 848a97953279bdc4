package io.divan.storage.redb;

import static io.divan.storage.Measurement.counter;
import static io.divan.storage.Measurement.gauge;

import io.divan.redb.ReaderStats;
import io.divan.redb.SharedPageCache;
import io.divan.redb.SpaceStats;
import io.divan.storage.Measurement;
import java.util.List;
import java.util.Map;

/** Adds up the numbers of the open files. */
final class RedbMeasurements {
  private static final String REQUESTS = "Pages looked for in the cache";

  private RedbMeasurements() {}

  static List<Measurement> of(List<OpenRedb> open, SharedPageCache cache) {
    long fileBytes = 0;
    long freeBytes = 0;
    long readers = 0;
    long heldBytes = 0;
    long oldestMillis = 0;
    for (OpenRedb file : open) {
      SpaceStats space = file.redb().space();
      ReaderStats stats = file.redb().readers();
      fileBytes += space.fileBytes();
      freeBytes += space.freeBytes();
      readers += stats.open();
      heldBytes += stats.waitingBytes();
      oldestMillis = Math.max(oldestMillis, stats.age().toMillis());
    }
    return List.of(
        Measurement.openDatabases(open.size()),
        gauge("redb.file", "bytes", "Size of the open files", (double) fileBytes),
        gauge("redb.free", "bytes", "Free space within the open files", (double) freeBytes),
        counter("redb.cache.requests", "", Map.of("result", "hit"), REQUESTS, (double) cache
            .hits()),
        counter("redb.cache.requests", "", Map.of("result", "miss"), REQUESTS, (double) cache
            .misses()),
        counter("redb.syncs", "", Map.of(), "Syncs of files", (double) cache.syncs()),
        counter(
            "redb.sync",
            "seconds",
            Map.of(),
            "Duration of the syncs",
            cache.syncTime().toNanos() / 1e9),
        gauge("redb.cache", "bytes", "Pages in the cache", (double) cache.bytes()),
        gauge("redb.cache.limit", "bytes", "Size of the cache", (double) cache.bytesMax()),
        gauge("redb.readers", "", "Open read transactions", (double) readers),
        gauge(
            "redb.oldest.reader",
            "seconds",
            "Age of the oldest read transaction",
            oldestMillis / 1e3),
        gauge(
            "redb.held", "bytes", "Pages that cannot be reused before readers end",
            (double) heldBytes));
  }
}
