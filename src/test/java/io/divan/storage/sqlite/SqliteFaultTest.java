package io.divan.storage.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.divan.storage.StorageAdapter;
import io.divan.storage.StorageException;
import io.divan.storage.TransactionListener;
import io.divan.storage.embedded.FileFaultTest;
import org.junit.jupiter.api.Test;

/** Also tests connections that fail. */
class SqliteFaultTest extends FileFaultTest {

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
