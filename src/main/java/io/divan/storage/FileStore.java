package io.divan.storage;

import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Supplier;

/** A store that is a file: the handle of one incarnation of a database. */
public interface FileStore extends Store {

  /** Its file. */
  Path file();

  /**
   * Opens the file where it is not open, so that {@link #lastStamp} is known. Of a damaged file it
   * need not be: its stamps were made of the clock, so what the clock says now exceeds them.
   */
  void learnLastStamp();

  /** A number that no versionstamp given or known exceeds. */
  long lastStamp();

  /** Refuses writes, and waits for those under way. */
  void closeWriter();

  /**
   * Ends this handle: its transactions commit before this returns, or never. Reads under way may
   * go on to their end.
   *
   * @param why what everything throws from now on
   * @param waitMax how long to wait for reads under way
   */
  void retire(Supplier<? extends StorageException> why, Duration waitMax);

  /** Fires the watches and closes the file, or leaves that to whoever uses it last. */
  void closeFiles();
}
