package io.divan.storage.leveldb.lsm;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.storage.Measurement;
import io.divan.storage.ReferenceAdapter;
import io.divan.storage.StorageAdapter;
import io.divan.storage.Store;
import io.divan.storage.lease.Leases;
import io.divan.storage.leveldb.LevelDbEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.iq80.leveldb.DB;
import org.iq80.leveldb.WriteOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LsmMeasurementsTest {
  private static final WriteOptions SYNC = new WriteOptions().sync(true);
  private static final int ROWS = 40;
  private static final int ROW_BYTES = 50_000;

  private final StorageAdapter base = new ReferenceAdapter();
  private final Store store = base.create("d", transaction -> {});

  private static void put(DB db) {
    Random random = new Random(1);
    for (int i = 0; i < ROWS; i++) {
      byte[] value = new byte[ROW_BYTES];
      random.nextBytes(value);
      db.put(new byte[] {(byte) i}, value, SYNC);
    }
  }

  private static void mergeAll(DB db) {
    db.compactRange(new byte[] {0}, new byte[] {(byte) ROWS});
  }

  private static double value(LevelDbEngine engine, String name) {
    return engine.measure().stream()
        .filter(measurement -> measurement.name().equals(name))
        .mapToDouble(Measurement::value)
        .sum();
  }

  private static List<Double> levels(LevelDbEngine engine) {
    return engine.measure().stream()
        .filter(measurement -> measurement.name().equals("leveldb.files"))
        .map(Measurement::value)
        .toList();
  }

  private static LevelDbEngine inStores() {
    return LsmEngine.inStores(
        Leases.Options.exclusive("here"), LsmLevelDb.Settings.defaults());
  }

  @Test
  void measure_inStore_countsFilesByLevelAndWhatTheyTook() {
    try (LevelDbEngine engine = inStores()) {
      try (DB db = engine.open(store).db()) {
        put(db);
        assertThat(levels(engine)).containsOnly(0.0).hasSize(7);
        assertThat(value(engine, "leveldb.tables.written")).isZero();
        assertThat(value(engine, "leveldb.memtable")).isGreaterThan(ROWS * ROW_BYTES);
        mergeAll(db);

        double tables = value(engine, "leveldb.tables.written");
        assertThat(tables).isPositive();
        assertThat(levels(engine).stream().mapToDouble(Double::doubleValue).sum())
            .isBetween(1.0, tables);
        assertThat(value(engine, "leveldb.written")).isGreaterThan(ROWS * ROW_BYTES);
        assertThat(value(engine, "leveldb.writing")).isPositive();
        assertThat(value(engine, "leveldb.file")).isGreaterThan(ROWS * ROW_BYTES);
        assertThat(value(engine, "leveldb.cache")).isPositive();
        assertThat(value(engine, "leveldb.cache.limit")).isPositive();
      } catch (IOException e) {
        throw new AssertionError(e);
      }
      assertThat(levels(engine)).containsOnly(0.0);
      assertThat(value(engine, "leveldb.file")).isZero();
      assertThat(value(engine, "leveldb.tables.written")).isPositive();
    }
  }

  @Test
  void measure_inDirectory_countsWhatIsOnTheDisk(@TempDir Path directory) throws IOException {
    try (LevelDbEngine engine = LsmEngine.inDirectories(directory);
        DB db = engine.open(store).db()) {
      put(db);
      mergeAll(db);

      try (Stream<Path> files = Files.walk(directory).filter(Files::isRegularFile)) {
        long bytes = files.mapToLong(file -> file.toFile().length()).sum();
        assertThat(value(engine, "leveldb.file")).isEqualTo((double) bytes);
      }
      assertThat(value(engine, "leveldb.written")).isGreaterThan(ROWS * ROW_BYTES);
      assertThat(engine.measure())
          .extracting(Measurement::name)
          .as("only stores have a cache of chunks")
          .doesNotContain("leveldb.cache");
    }
  }

  @Test
  void measure_cache_countsHits() throws IOException {
    try (LevelDbEngine engine = inStores()) {
      try (DB db = engine.open(store).db()) {
        put(db);
        mergeAll(db);
      }
      try (DB db = engine.open(store).db()) {
        double before = value(engine, "leveldb.cache.requests");
        assertThat(db.get(new byte[] {3})).hasSize(ROW_BYTES);
        assertThat(value(engine, "leveldb.cache.requests")).isGreaterThan(before);
      }
    }
  }
}
