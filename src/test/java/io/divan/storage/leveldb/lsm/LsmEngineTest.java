package io.divan.storage.leveldb.lsm;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.storage.Range;
import io.divan.storage.ReferenceAdapter;
import io.divan.storage.StorageAdapter;
import io.divan.storage.Store;
import io.divan.storage.Table;
import io.divan.storage.checked.CheckedAdapter;
import io.divan.storage.lease.Leases;
import io.divan.storage.redb.FullRedb;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.iq80.leveldb.Options;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests what the backend stores, and leaves behind, in addition to LevelDB's files. */
class LsmEngineTest {
  private static final Table T = new Table(20, "t");

  @TempDir Path directory;

  private StorageAdapter open() {
    return new CheckedAdapter(Backend.inDirectories(directory));
  }

  private static final Table SPACE = new Table(5, "lsm_space");

  private static LsmEngine inStores() {
    return LsmEngine.inStores(Leases.Options.exclusive("here"), LsmLevelDb.Settings.defaults());
  }

  private static void assertNoneTried(Store store) {
    assertThat(store.<Integer>read(reads -> reads.scan(Range.all(SPACE)).rows().size())).isZero();
  }

  @Test
  void hasSpace_testFitsPartly_removesItsRows() {
    FullRedb redb = new FullRedb(directory);
    try (StorageAdapter base = redb.open();
        LsmEngine engine = inStores()) {
      Store store = base.create("a", transaction -> {});
      assertNoneTried(store); // also opens its file
      redb.leave(12_000_000);
      assertThat(engine.hasSpace(store)).isFalse();
      assertNoneTried(store);
      redb.makeSpace();
      assertThat(engine.hasSpace(store)).isTrue();
      assertNoneTried(store);
    }
  }

  @Test
  void open_processEndedDuringSpaceTest_removesItsRows() throws Exception {
    try (StorageAdapter base = new ReferenceAdapter();
        LsmEngine engine = inStores()) {
      Store store = base.create("a", transaction -> {});
      store.write(
          transaction -> {
            transaction.put(SPACE, new byte[2], new byte[9]);
            return 1;
          });
      engine.open(store).db().close();
      assertNoneTried(store);
    }
  }

  @Test
  void open_processEndedDuringSpaceTestInDirectories_removesItsFile() throws Exception {
    try (StorageAdapter base = new ReferenceAdapter();
        LsmEngine engine = LsmEngine.inDirectories(directory)) {
      Store store = base.create("a", transaction -> {});
      engine.open(store).db().close();
      Path place;
      try (Stream<Path> places = Files.list(directory)) {
        place = places.findFirst().orElseThrow();
      }
      Path left = Files.createFile(directory.resolve(place.getFileName() + ".space"));
      engine.open(store).db().close();
      assertThat(left).doesNotExist();
      assertThat(place).exists();

      Files.createFile(left);
      engine.deleted(store);
      assertThat(left).doesNotExist();
      assertThat(place).doesNotExist();

      Files.createFile(left);
      engine.sweep(List::of);
      assertThat(left).doesNotExist();
    }
  }

  @Test
  void start_removesDirectoriesOfDeletedDatabasesOnly() throws Exception {
    try (StorageAdapter adapter = open()) {
      Store store = adapter.create("here", transaction -> {});
      store.write(
          transaction -> {
            transaction.put(T, new byte[] {1}, new byte[9]);
            return 1;
          });
    }
    Path gone = directory.resolve("lsm").resolve("gone~" + UUID.randomUUID());
    LsmLevelDb.open(gone, new Options()).close();
    Path notOurs = Files.createDirectory(directory.resolve("lsm").resolve("not~ours"));
    try (StorageAdapter adapter = open()) {
      assertThat(gone).doesNotExist();
      assertThat(notOurs).exists();
      assertThat(adapter.open("here").<Integer>read(t -> t.scan(Range.all(T)).rows().size()))
          .isEqualTo(1);
    }
  }
}
