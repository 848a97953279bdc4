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

/** LevelDB's file system: what is the same wherever the files lie. */
abstract class EngineEnv implements Env {

  /** Locks that were taken for whoever asks next, by the paths of their files. */
  private final Map<String, DbLock> taken = new ConcurrentHashMap<>();

  /** Locks a file. */
  abstract DbLock lock(File lockFile) throws IOException;

  /**
   * Locks a directory for the engine that is made next. An engine that fails while it is made, as
   * one does that finds another's lock, is never collected: its executor is held by the JDK until
   * it is shut down, and holds the engine.
   */
  final void lockFirst(File directory) throws IOException {
    directory.mkdirs();
    File lockFile = lockFile(directory);
    taken.put(lockFile.getPath(), lock(lockFile));
  }

  /** Unlocks a directory whose engine did not ask for the lock. */
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
