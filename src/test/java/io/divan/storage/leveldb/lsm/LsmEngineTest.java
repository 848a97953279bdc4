package io.divan.storage.leveldb.lsm;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.storage.CheckedAdapter;
import io.divan.storage.Range;
import io.divan.storage.StorageAdapter;
import io.divan.storage.Store;
import io.divan.storage.Table;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.iq80.leveldb.Options;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the backend keeps in plain directories. */
class LsmEngineTest {
  private static final Table T = new Table(20, "t");

  @TempDir Path directory;

  private StorageAdapter open() {
    return new CheckedAdapter(Backend.inDirectories(directory));
  }

  @Test
  void start_directoriesOfDeletedDatabases_areRemovedAndNoOthers() throws Exception {
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
