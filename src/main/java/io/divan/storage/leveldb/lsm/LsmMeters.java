package io.divan.storage.leveldb.lsm;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;
import org.iq80.leveldb.env.WritableFile;
import org.iq80.leveldb.util.Slice;

/** The open databases of a process, and what their SST files took to write. Thread-safe. */
final class LsmMeters {

  /** The levels of the port: SST files of flushed memtables in 0, merged ones above. */
  static final int LEVELS = 7;

  private final Set<LsmDb> open = ConcurrentHashMap.newKeySet();
  private final LongAdder tables = new LongAdder();
  private final LongAdder bytes = new LongAdder();
  private final LongAdder nanos = new LongAdder();

  void opened(LsmDb db) {
    open.add(db);
  }

  void closed(LsmDb db) {
    open.remove(db);
  }

  /** Returns a file that counts what it writes. */
  WritableFile counted(WritableFile table) {
    return new CountedTable(table);
  }

  /** Returns the number of SST files of the open databases for each level. */
  List<Long> files() {
    long[] files = new long[LEVELS];
    for (LsmDb db : open) {
      for (int level = 0; level < LEVELS; level++) {
        files[level] += db.files(level);
      }
    }
    return IntStream.range(0, LEVELS).mapToObj(level -> files[level]).toList();
  }

  /** Returns the size of all files of the open databases. */
  long fileBytes() {
    return open.stream().mapToLong(LsmDb::fileBytes).sum();
  }

  /** Returns how many SST files were written. */
  long tables() {
    return tables.sum();
  }

  /** Returns the size of the SST files that were written. */
  long tableBytes() {
    return bytes.sum();
  }

  /** Returns the time from the creation of the SST files to their end, added up. */
  long tableNanos() {
    return nanos.sum();
  }

  private final class CountedTable implements WritableFile {
    private final WritableFile file;
    private final long begin = System.nanoTime();
    private long length;
    private boolean closed;

    CountedTable(WritableFile file) {
      this.file = file;
    }

    @Override
    public void append(Slice data) throws IOException {
      file.append(data);
      length += data.length();
    }

    @Override
    public void force() throws IOException {
      file.force();
    }

    @Override
    public void close() throws IOException {
      file.close();
      if (!closed) {
        closed = true;
        tables.increment();
        bytes.add(length);
        nanos.add(System.nanoTime() - begin);
      }
    }
  }
}
