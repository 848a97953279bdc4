package io.divan.storage.sqlite;

import static io.divan.storage.Capabilities.writeUnsynced;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageException;
import io.divan.storage.TransactionListener;
import io.divan.storage.WriteTransaction;
import io.divan.storage.embedded.FileFaultTest;
import org.junit.jupiter.api.Test;

/** Also tests connections that fail. */
class SqliteFaultTest extends FileFaultTest {
  private static final long NORMAL = 1;
  private static final long FULL = 2;

  @Override
  protected StorageAdapter newAdapter() {
    return new SqliteFileAdapter(
        SqliteFileAdapter.Options.of(directory), TransactionListener.NONE);
  }

  @Override
  protected void limitLength() {
    limitPages(20);
  }

  @Override
  protected void unlimitLength() {
    limitPages(1_000_000);
  }

  /** Limits the size of the file; beyond it SQLite returns SQLITE_FULL. */
  private void limitPages(int pages) {
    store.write(
        t -> {
          ((SqliteWriteTransaction) t).connection.execute("PRAGMA max_page_count = " + pages);
          return 0;
        });
  }

  @Test
  void write_connectionFails_storeIsReopened() {
    assertThatThrownBy(
        () -> store.write(
            t -> {
              put(t, T, 1, 10);
              ((SqliteWriteTransaction) t).connection.close();
              put(t, T, 2, 10);
              return 0;
            }))
        .isInstanceOf(StorageException.StoreUnavailable.class);

    assertThatThrownBy(() -> store.write(t -> 0))
        .isInstanceOf(StorageException.StoreUnavailable.class);
    assertThat(rows(T)).isEqualTo(1);
    putOnceOpen(3);
    assertThat(rows(T)).isEqualTo(2);
  }

  /** SQLite runs this pragma when it compiles it, so each call compiles it again. */
  private static long synchronous(WriteTransaction t) {
    return ((SqliteWriteTransaction) t).connection.uncachedNumber("PRAGMA synchronous");
  }

  @Test
  void writeUnsynced_doesNotSyncItsCommit_othersDo() {
    assertThat(store.write(SqliteFaultTest::synchronous).result()).isEqualTo(FULL);
    for (int i = 0; i < 3; i++) {
      assertThat(writeUnsynced(store, SqliteFaultTest::synchronous).result()).isEqualTo(NORMAL);
      assertThat(store.write(SqliteFaultTest::synchronous).result()).isEqualTo(FULL);
      assertThat(store.write(SqliteFaultTest::synchronous).result()).isEqualTo(FULL);
    }
  }

  @Test
  void writeUnsynced_workThrowsOrConnectionFails_nextWriteSyncs() {
    assertThatThrownBy(
        () -> writeUnsynced(
            store,
            t -> {
              put(t, T, 1, 10);
              throw new UnsupportedOperationException();
            }))
        .isInstanceOf(UnsupportedOperationException.class);
    assertThat(store.write(SqliteFaultTest::synchronous).result()).isEqualTo(FULL);

    assertThatThrownBy(
        () -> writeUnsynced(
            store,
            t -> {
              put(t, T, 1, 10);
              ((SqliteWriteTransaction) t).connection.close();
              put(t, T, 2, 10);
              return 0;
            }))
        .isInstanceOf(StorageException.StoreUnavailable.class);
    putOnceOpen(3);
    assertThat(store.write(SqliteFaultTest::synchronous).result()).isEqualTo(FULL);
    assertThat(writeUnsynced(store, SqliteFaultTest::synchronous).result()).isEqualTo(NORMAL);
  }

  @Test
  void read_connectionFails_nextReadUsesAnother() {
    assertThatThrownBy(
        () -> store.read(
            t -> {
              ((SqliteReadTransaction) t).connection.close();
              return t.get(T, new byte[] {0});
            }))
        .isInstanceOf(StorageException.StoreUnavailable.class);
    assertThat(rows(T)).isEqualTo(1);
  }
}
