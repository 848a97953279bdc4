package io.divan.storage.redb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.redb.Redb;
import io.divan.redb.SharedPageCache;
import io.divan.storage.NameRange;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.Table;
import io.divan.storage.TransactionListener;
import io.divan.storage.Versionstamp;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whoever needs space on a full disk deletes a database: that works without any. */
@Timeout(60)
class FullDiskTest {
  private static final Table T = new Table(30, "rows");
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  @TempDir Path directory;

  private final FaultyFile.Dials system = new FaultyFile.Dials();
  private RedbAdapter adapter;

  @BeforeEach
  void open() {
    open(NOW);
  }

  private void open(Instant now) {
    adapter =
        new RedbAdapter(
            new RedbAdapter.Options(
                directory, 1_000, 2, 200, Duration.ofSeconds(60), () -> now),
            TransactionListener.NONE,
            this::open);
  }

  private Redb open(Path file, SharedPageCache cache) {
    Redb.Options options = new Redb.Options(false, cache);
    try {
      return file.getFileName().toString().equals("system.redb")
          ? Redb.open(new FaultyFile(file, system), file.toString(), options)
          : Redb.open(file, options);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @AfterEach
  void close() {
    system.allWell();
    adapter.close();
  }

  private static Versionstamp put(Store store) {
    return store
        .write(
            t -> {
              t.put(T, new byte[] {1}, new byte[10]);
              return 0;
            })
        .versionstamp()
        .orElseThrow();
  }

  private Store create(String name) {
    return adapter.create(name, t -> t.put(T, new byte[] {0}, new byte[0]));
  }

  private boolean hasFile(String name) {
    try (Stream<Path> files = Files.list(directory)) {
      return files.anyMatch(file -> file.getFileName().toString().startsWith(name + "~"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void reopenWithClockSetBack() {
    adapter.close();
    open(NOW.minus(Duration.ofDays(1)));
  }

  @Test
  void delete_diskIsFull_databaseAndItsFileAreGone() {
    put(create("a"));
    system.full = () -> true;
    assertThatThrownBy(() -> put(adapter.system()))
        .isInstanceOf(StorageException.StoreFull.class);

    adapter.delete("a");

    assertThat(adapter.list(NameRange.all())).isEmpty();
    assertThat(hasFile("a")).isFalse();
  }

  @Test
  void delete_makesTheRoomItNeeds_versionstampsGrowAfterRestart() {
    Versionstamp last = put(create("a"));
    system.full = () -> hasFile("a");
    adapter.delete("a");

    reopenWithClockSetBack();

    assertThat(put(create("a"))).isGreaterThan(last);
  }

  @Test
  void delete_diskIsFullUntilTheNextOne_versionstampsGrowAfterRestart() {
    Versionstamp last = put(create("a"));
    create("b");
    system.full = () -> true;
    adapter.delete("a");
    system.allWell();
    adapter.delete("b");

    reopenWithClockSetBack();

    assertThat(put(create("a"))).isGreaterThan(last);
  }
}
