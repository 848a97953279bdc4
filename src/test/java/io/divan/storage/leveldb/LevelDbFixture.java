package io.divan.storage.leveldb;

import io.divan.storage.StorageAdapter;
import io.divan.storage.Store;
import io.divan.storage.fdb.TestCluster;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.iq80.leveldb.DB;
import org.iq80.leveldb.DBIterator;
import org.iq80.leveldb.Options;
import org.iq80.leveldb.ReadOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Opens a database on each of the base stores, and has helpers for rows as text. */
@ParameterizedClass
@MethodSource("io.divan.storage.leveldb.Bases#present")
@Timeout(60)
abstract class LevelDbFixture {
  @RegisterExtension static final TestCluster CLUSTER = Bases.CLUSTER;

  @Parameter Bases base;

  @TempDir Path directory;

  final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2030-01-01T00:00:00Z"));
  final LevelDbOptions options = LevelDbOptions.defaults().clock(now::get);
  StorageAdapter adapter;
  Store store;
  LevelDb db;

  @BeforeEach
  final void open() {
    adapter = base.open(directory);
    store = adapter.create("db", transaction -> {});
    db = LevelDb.open(store, new Options(), options);
  }

  @AfterEach
  final void close() throws IOException {
    db.close();
    adapter.close();
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  static String text(Map.Entry<byte[], byte[]> entry) {
    return new String(entry.getKey(), StandardCharsets.ISO_8859_1)
        + "="
        + new String(entry.getValue(), StandardCharsets.ISO_8859_1);
  }

  static void put(DB db, String... rows) {
    for (String row : rows) {
      int equals = row.indexOf('=');
      db.put(bytes(row.substring(0, equals)), bytes(row.substring(equals + 1)));
    }
  }

  static Optional<String> get(DB db, String key, ReadOptions read) {
    return Optional.ofNullable(db.get(bytes(key), read))
        .map(value -> new String(value, StandardCharsets.ISO_8859_1));
  }

  static Optional<String> get(DB db, String key) {
    return get(db, key, new ReadOptions());
  }

  static List<String> rest(DBIterator iterator) {
    List<String> rows = new ArrayList<>();
    iterator.forEachRemaining(entry -> rows.add(text(entry)));
    return rows;
  }

  static List<String> rows(DB db, ReadOptions read) {
    try (DBIterator iterator = db.iterator(read)) {
      return rest(iterator);
    }
  }

  static List<String> rows(DB db) {
    return rows(db, new ReadOptions());
  }

  /** Opens another database. */
  final LevelDb other(String name, LevelDbOptions more) {
    return LevelDb.open(adapter.create(name, transaction -> {}), new Options(), more);
  }

  final void later(Duration time) {
    now.updateAndGet(instant -> instant.plus(time));
  }
}
