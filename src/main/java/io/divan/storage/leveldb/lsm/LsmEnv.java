package io.divan.storage.leveldb.lsm;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.iq80.leveldb.Logger;
import org.iq80.leveldb.env.DbLock;
import org.iq80.leveldb.env.Env;
import org.iq80.leveldb.env.File;
import org.iq80.leveldb.env.NoOpLogger;
import org.iq80.leveldb.env.WritableFile;
import org.iq80.leveldb.impl.Filename;
import org.iq80.leveldb.util.Slice;

/** The common part of LevelDB's file systems, independent of where the files are. */
abstract class LsmEnv implements Env {

  /** Ends the names of SST files. */
  static final String TABLE = ".ldb";

  /** Locks acquired in advance for the next {@link #tryLock}, by path. */
  private final Map<String, DbLock> taken = new ConcurrentHashMap<>();

  private final LsmMeters meters;

  LsmEnv(LsmMeters meters) {
    this.meters = meters;
  }

  final LsmMeters meters() {
    return meters;
  }

  /** Returns the size of the files of an open database, without reading its base store. */
  abstract long bytes(String directory);

  abstract WritableFile create(File file) throws IOException;

  @Override
  public final WritableFile newWritableFile(File file) throws IOException {
    WritableFile created = create(file);
    return file.getName().endsWith(TABLE) ? meters.counted(created) : created;
  }

  abstract DbLock lock(File lockFile) throws IOException;

  /**
   * Locks a directory before the port is created. A port that fails during its creation, for
   * example because the lock is held, is never garbage-collected: the JDK holds its executor until
   * it is shut down, and the executor holds the port.
   */
  final void lockFirst(File directory) throws IOException {
    directory.mkdirs();
    File lockFile = lockFile(directory);
    taken.put(lockFile.getPath(), lock(lockFile));
  }

  /** Unlocks a directory if the port did not ask for the lock. */
  final void unlockUnused(File directory) {
    DbLock unused = taken.remove(lockFile(directory).getPath());
    if (unused != null) {
      unused.release();
    }
  }

  private static File lockFile(File directory) {
    return directory.child(Filename.lockFileName());
  }

  @Override
  public final DbLock tryLock(File lockFile) throws IOException {
    DbLock given = taken.remove(lockFile.getPath());
    return given == null ? lock(lockFile) : given;
  }

  @Override
  public final void writeStringToFileSync(File file, String content) throws IOException {
    try (WritableFile writer = newWritableFile(file)) {
      writer.append(new Slice(content.getBytes(UTF_8)));
      writer.force();
    }
  }

  @Override
  public final Logger newLogger(File loggerFile) {
    return new NoOpLogger();
  }
}
