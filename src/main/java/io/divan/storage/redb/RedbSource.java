package io.divan.storage.redb;

import io.divan.redb.Redb;
import io.divan.redb.RedbException;
import io.divan.redb.SharedPageCache;
import io.divan.storage.embedded.OpenStore;
import io.divan.storage.embedded.StampClock;
import java.nio.file.Path;

/**
 * Opens one database file.
 *
 * @param stamps raised to the file's last versionstamp
 */
record RedbSource(
    Path file, Opener opener, StampClock stamps, SharedPageCache cache,
    LongReaderWarning longReaders)
    implements OpenStore.Source<OpenRedb> {

  /** Opens an existing file. */
  interface Opener {
    Redb open(Path file, SharedPageCache cache);
  }

  @Override
  public OpenRedb open() {
    try {
      Redb redb = opener.open(file, cache);
      try {
        OpenRedb opened = OpenRedb.of(redb, file);
        stamps.raise(opened.stampCeiling());
        return opened;
      } catch (RuntimeException | Error e) {
        OpenRedb.closeQuietly(redb);
        throw e;
      }
    } catch (RedbException e) {
      throw RedbErrors.map(e, file);
    }
  }

  @Override
  public boolean mayBeLost(OpenRedb open) {
    longReaders.look(open.redb().readers());
    return false;
  }
}
