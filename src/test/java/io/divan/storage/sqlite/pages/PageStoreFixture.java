package io.divan.storage.sqlite.pages;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.storage.KeyValue;
import io.divan.storage.Range;
import io.divan.storage.StorageAdapter;
import io.divan.storage.Store;
import io.divan.storage.checked.CheckedAdapter;
import io.divan.storage.lease.Leases;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;

/** Files of pages in a store, with helpers for tests. */
abstract class PageStoreFixture {
  final CheckedAdapter adapter;
  final Store base;
  final AtomicLong now = new AtomicLong();
  private final List<DatabaseFiles> opened = new ArrayList<>();

  PageStoreFixture(StorageAdapter under) {
    adapter = new CheckedAdapter(under);
    base = adapter.create("base", transaction -> {});
  }

  PageOptions options() {
    return PageOptions.defaults()
        .leases(
            Leases.Options.exclusive("test").nanoTime(now::get), Duration.ofSeconds(1));
  }

  DatabaseFiles open(Store store, PageOptions options) {
    DatabaseFiles files = new DatabaseFiles(store, options);
    opened.add(files);
    return files;
  }

  @AfterEach
  void close() {
    opened.forEach(DatabaseFiles::close);
    adapter.close();
  }

  static byte[] read(FileHandle handle) {
    byte[] bytes = new byte[(int) handle.size()];
    assertThat(handle.read(0, MemorySegment.ofArray(bytes))).isTrue();
    return bytes;
  }

  static byte[] readAll(DatabaseFile file) {
    FileHandle handle = new FileHandle(file, new FileGroup(failure -> {}));
    assertThat(handle.lock(VfsFile.Lock.SHARED)).isEqualTo(VfsFile.Locked.YES);
    try {
      return read(handle);
    } finally {
      handle.close();
    }
  }

  static FileHandle reserved(DatabaseFile file) {
    FileHandle handle = new FileHandle(file, new FileGroup(failure -> {}));
    assertThat(handle.lock(VfsFile.Lock.SHARED)).isEqualTo(VfsFile.Locked.YES);
    assertThat(handle.lock(VfsFile.Lock.EXCLUSIVE)).isEqualTo(VfsFile.Locked.YES);
    return handle;
  }

  static void write(DatabaseFile file, long offset, byte[] bytes) {
    FileHandle handle = reserved(file);
    try {
      handle.write(offset, MemorySegment.ofArray(bytes));
      handle.sync();
    } finally {
      handle.close();
    }
  }

  static byte[] filled(int length, int value) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  /** Checks that each page of the newest version, within the file's size, has a row. */
  void everyPageHasARow(DatabaseFile file) {
    base.read(
        transaction -> {
          FileHeader header = FileHeader.read(transaction, file);
          for (int page = 0; page < PageView.pages(header.size()); page++) {
            Range newest = StoreLayout.newest(file.number(), page, header.version());
            List<KeyValue> rows = transaction.scan(newest).rows();
            assertThat(rows).as("page %d", page).hasSize(1);
            assertThat(rows.getFirst().value()).as("page %d", page).isNotEmpty();
          }
          return header;
        });
  }
}
