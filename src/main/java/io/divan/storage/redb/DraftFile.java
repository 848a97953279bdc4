package io.divan.storage.redb;

import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file that is made and that nobody looks for before it is whole: its syncs do nothing, since it
 * is synced once when it gets its name. For one thread.
 */
final class DraftFile extends RawFile {

  /** Makes an empty file. */
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
