package io.divan.storage.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.storage.NameRange;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.Table;
import io.divan.storage.TransactionListener;
import io.divan.storage.Watch;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteFileAdapterTest {
  private static final Table T = new Table(30, "rows");

  @TempDir Path directory;

  private SqliteFileAdapter open() {
    return new SqliteFileAdapter(
        SqliteFileAdapter.Options.of(directory), TransactionListener.NONE);
  }

  @Test
  void reopened_rowsAreThere() throws Exception {
    byte[] key = {1};
    try (SqliteFileAdapter adapter = open()) {
      Store store = adapter.create("a", t -> t.put(T, new byte[0], new byte[0]));
      store.write(
          t -> {
            t.put(T, key, new byte[] {2});
            t.add(T, new byte[] {7}, 5);
            return 0;
          });
      assertThat(store.<Page>read(t -> t.scan(Range.all(T))).rows()).hasSize(3);
      try (Watch watch = store.read(t -> t.watch(T, key))) {
        assertThat(watch.await(Duration.ZERO)).isFalse();
        store.write(
            t -> {
              t.put(T, key, new byte[] {3});
              return 0;
            });
        assertThat(watch.await(Duration.ofSeconds(10))).isTrue();
      }
    }
    try (SqliteFileAdapter adapter = open()) {
      assertThat(adapter.list(NameRange.all())).containsExactly("a");
      Store store = adapter.open("a");
      assertThat(store.<Optional<byte[]>>read(t -> t.get(T, key)).orElseThrow()).containsExactly(3);
      adapter.delete("a");
      assertThat(adapter.list(NameRange.all())).isEmpty();
      assertThatThrownBy(() -> store.read(t -> t.get(T, key)))
          .isInstanceOf(StorageException.DatabaseNotFound.class);
      adapter.create("a", t -> {});
      assertThatThrownBy(() -> store.write(t -> t.get(T, key)))
          .isInstanceOf(StorageException.DatabaseNotFound.class);
    }
  }
}
