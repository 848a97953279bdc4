package io.divan.storage.leveldb.lsm;

import static io.divan.storage.Measurement.counter;
import static io.divan.storage.Measurement.gauge;

import io.divan.storage.Measurement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Names the numbers of the engine. */
final class LsmMeasurements {
  private static final String REQUESTS = "Chunks looked for in the cache";

  private LsmMeasurements() {}

  static List<Measurement> of(LsmMeters meters, WriteBuffers.Totals memory) {
    List<Measurement> all = new ArrayList<>();
    List<Long> files = meters.files();
    for (int level = 0; level < files.size(); level++) {
      all.add(
          new Measurement(
              "leveldb.files",
              Measurement.Kind.GAUGE,
              "",
              Map.of("level", Integer.toString(level)),
              "SST files of the open databases",
              (double) files.get(level)));
    }
    all.add(
        gauge(
            "leveldb.file", "bytes", "Size of the open databases' files",
            (double) meters.fileBytes()));
    all.add(
        counter(
            "leveldb.tables.written", "", Map.of(), "SST files that flushes and compactions wrote",
            (double) meters.tables()));
    all.add(
        counter(
            "leveldb.written", "bytes", Map.of(), "Size of the written SST files",
            (double) meters.tableBytes()));
    all.add(
        counter(
            "leveldb.writing", "seconds", Map.of(), "Duration of writing the SST files",
            meters.tableNanos() / 1e9));
    all.add(gauge("leveldb.memtable", "bytes", "Rows in memory", (double) memory.bytes()));
    all.add(
        gauge(
            "leveldb.memtable.limit", "bytes", "Size beyond which writes wait",
            (double) memory.bytesMax()));
    all.add(
        counter(
            "leveldb.flushes", "", Map.of(), "Memtables that were written to SST files",
            (double) memory.flushes()));
    all.add(
        counter(
            "leveldb.stalls", "", Map.of(), "Writes that waited for a flush",
            (double) memory.stalls()));
    all.add(
        counter(
            "leveldb.stalled", "seconds", Map.of(), "Duration of these waits",
            memory.stalledNanos() / 1e9));
    return all;
  }

  static List<Measurement> of(ChunkCache cache) {
    return List.of(
        counter(
            "leveldb.cache.requests", "", Map.of("result", "hit"), REQUESTS, (double) cache
                .hits()),
        counter(
            "leveldb.cache.requests", "", Map.of("result", "miss"), REQUESTS, (double) cache
                .misses()),
        gauge("leveldb.cache", "bytes", "Chunks in the cache", (double) cache.bytes()),
        gauge("leveldb.cache.limit", "bytes", "Size of the cache", (double) cache.bytesMax()));
  }
}
