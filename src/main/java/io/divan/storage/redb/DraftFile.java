package io.divan.storage.redb;

import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file under construction. Its syncs do nothing: it is synced once, as a whole, before it gets
 * its final name. For one thread.
 */
final class DraftFile extends RawFile {

  /** Creates an empty file. */
  DraftFile(Path file) throws IOException {
    super(
        file,
        StandardOpenOption.CREATE,
        StandardOpenOption.TRUNCATE_EXISTING,
        StandardOpenOption.READ,
        StandardOpenOption.WRITE);
  }

  @Override
  public void sync() {}
}
