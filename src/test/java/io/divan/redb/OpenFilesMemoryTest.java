package io.divan.redb;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests how much memory open files use in addition to their shared cache. */
class OpenFilesMemoryTest {
  private static final TableDefinition<byte[], byte[]> ROWS = TableDefinition.bytes("rows");
  private static final int FILES = 60;
  private static final int CACHE_BYTES = 1 << 20;

  @TempDir Path directory;

  private static long heapBytes() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  private static void write(Redb database) {
    try (WriteTxn write = database.beginWrite()) {
      RedbTable<byte[], byte[]> table = write.open(ROWS);
      for (byte i = 0; i < 20; i++) {
        table.put(new byte[] {i}, new byte[100_000]);
      }
      write.commit();
    }
  }

  @Test
  void openFiles_afterLargeCommits_useLittleMemory() {
    SharedPageCache cache = new SharedPageCache(CACHE_BYTES);
    List<Redb> open = new ArrayList<>();
    try {
      final long before = heapBytes();
      for (int i = 0; i < FILES; i++) {
        Redb database =
            Redb.open(directory.resolve(i + ".redb"), new Redb.Options(true, cache));
        open.add(database);
        write(database);
      }
      assertThat(heapBytes() - before)
          .as("memory of %d open files with 2 MB each", FILES)
          .isLessThan(CACHE_BYTES + FILES * 100_000L);
    } finally {
      open.forEach(Redb::close);
    }
  }
}
