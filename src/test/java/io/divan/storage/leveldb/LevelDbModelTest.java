package io.divan.storage.leveldb;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.storage.Seeds;
import io.divan.storage.StorageAdapter;
import io.divan.storage.fdb.TestCluster;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.iq80.leveldb.DBIterator;
import org.iq80.leveldb.Options;
import org.iq80.leveldb.ReadOptions;
import org.iq80.leveldb.Snapshot;
import org.iq80.leveldb.WriteBatch;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Compares random operations with a map; {@code -Ddivan.seed=N} replays a run. */
@Timeout(60)
class LevelDbModelTest {
  private static final int STEPS = 500;
  private static final int KEYS = 60;
  private static final int SNAPSHOTS = 5;

  @RegisterExtension static final TestCluster CLUSTER = Bases.CLUSTER;

  @TempDir Path directory;

  private final long seed = Seeds.seed(6_102);
  private final Random random = new Random(seed);
  private TreeMap<byte[], byte[]> model = new TreeMap<>(Arrays::compareUnsigned);

  private record Seen(Snapshot snapshot, TreeMap<byte[], byte[]> model) {}

  private final List<Seen> snapshots = new ArrayList<>();

  static Stream<Arguments> kinds() {
    return Bases.present()
        .flatMap(
            base -> Stream.of(
                Arguments.of(base, false, false),
                Arguments.of(base, true, false),
                Arguments.of(base, false, true),
                Arguments.of(base, true, true)));
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void operations_random_matchAMap(Bases base, boolean expiring, boolean keeping)
      throws IOException {
    LevelDbOptions options =
        expiring ? LevelDbOptions.defaults().expiring(Optional.empty()) : LevelDbOptions.defaults();
    options = keeping ? options.keepSnapshots(Duration.ofHours(1)) : options;
    try (StorageAdapter adapter = base.open(directory);
        LevelDb db =
            LevelDb.open(adapter.create("db", transaction -> {}), new Options(), options)) {
      for (int i = 0; i < STEPS; i++) {
        step(db, Seeds.replay(seed) + ", step " + i);
      }
      compareAll(db, new ReadOptions(), model, Seeds.replay(seed));
    }
  }

  private byte[] key() {
    byte[] key = new byte[random.nextInt(4)];
    for (int i = 0; i < key.length; i++) {
      key[i] = (byte) (random.nextInt(3) * 127 + random.nextInt(2));
    }
    return random.nextInt(8) == 0 ? Arrays.copyOf(key, 200) : key;
  }

  private byte[] value() {
    byte[] value = new byte[random.nextInt(100) == 0 ? 50_000 : random.nextInt(40)];
    random.nextBytes(value);
    return value;
  }

  private void step(LevelDb db, String as) throws IOException {
    switch (random.nextInt(12)) {
      case 0, 1, 2 -> {
        byte[] key = key();
        byte[] value = value();
        db.put(key, value);
        model.put(key, value);
      }
      case 3 -> {
        byte[] key = key();
        db.delete(key);
        model.remove(key);
      }
      case 4 -> batch(db);
      case 5 -> transact(db, as);
      case 6 -> {
        byte[] key = key();
        assertThat(db.get(key)).as(as).isEqualTo(model.get(key));
      }
      case 7 -> snapshot(db);
      case 8 -> {
        if (!snapshots.isEmpty()) {
          snapshots.remove(random.nextInt(snapshots.size())).snapshot().close();
        }
      }
      case 9 -> {
        if (!snapshots.isEmpty()) {
          Seen seen = snapshots.get(random.nextInt(snapshots.size()));
          ReadOptions then = new ReadOptions().snapshot(seen.snapshot());
          byte[] key = key();
          assertThat(db.get(key, then)).as(as).isEqualTo(seen.model().get(key));
          walk(db, then, seen.model(), as);
        }
      }
      default -> walk(db, new ReadOptions(), model, as);
    }
  }

  private void batch(LevelDb db) throws IOException {
    try (WriteBatch batch = db.createWriteBatch()) {
      for (int i = random.nextInt(KEYS); i >= 0; i--) {
        byte[] key = key();
        if (random.nextInt(4) == 0) {
          batch.delete(key);
          model.remove(key);
        } else {
          byte[] value = value();
          batch.put(key, value);
          model.put(key, value);
        }
      }
      db.write(batch);
    }
  }

  private void transact(LevelDb db, String as) {
    byte[] from = key();
    byte[] to = key();
    byte[] moved =
        db.transact(
            transaction -> {
              Optional<byte[]> value = transaction.get(from);
              transaction.delete(from);
              value.ifPresent(found -> transaction.put(to, found));
              return value.orElse(new byte[0]);
            });
    byte[] expected = model.remove(from);
    assertThat(moved).as(as).isEqualTo(expected == null ? new byte[0] : expected);
    if (expected != null) {
      model.put(to, expected);
    }
  }

  private void snapshot(LevelDb db) {
    if (snapshots.size() < SNAPSHOTS) {
      TreeMap<byte[], byte[]> now = new TreeMap<>(model.comparator());
      now.putAll(model);
      snapshots.add(new Seen(db.getSnapshot(), now));
    }
  }

  private void walk(
      LevelDb db, ReadOptions read, TreeMap<byte[], byte[]> rows, String as) {
    try (DBIterator iterator = db.iterator(read)) {
      new IteratorWalk(iterator, rows, as).run(random, random.nextInt(40), this::key);
    }
  }

  private static void compareAll(
      LevelDb db, ReadOptions read, TreeMap<byte[], byte[]> rows, String as) {
    List<byte[]> keys = new ArrayList<>();
    try (DBIterator iterator = db.iterator(read)) {
      iterator.forEachRemaining(entry -> keys.add(entry.getKey()));
    }
    Comparator<byte[]> order = Arrays::compareUnsigned;
    assertThat(keys).as(as).isSortedAccordingTo(order).hasSameSizeAs(rows.keySet());
  }
}
