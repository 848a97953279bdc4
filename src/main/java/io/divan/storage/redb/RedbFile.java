package io.divan.storage.redb;

import io.divan.redb.Redb;
import io.divan.redb.RedbException;
import io.divan.redb.SharedPageCache;
import io.divan.storage.embedded.LentToMany;
import io.divan.storage.embedded.OpenStores;
import io.divan.storage.embedded.StampClock;
import java.nio.file.Path;

/** One database file, lent to many at a time. Safe for use by many threads. */
final class RedbFile extends LentToMany<OpenRedb> {

  /** How files are opened. */
  interface Opener {
    /** Opens a file that is there. */
    Redb open(Path file, SharedPageCache cache);
  }

  private final Path file;
  private final Opener opener;
  private final StampClock stamps;
  private final SharedPageCache cache;
  private final LongReaders longReaders;

  RedbFile(
      String name,
      Path file,
      Opener opener,
      StampClock stamps,
      OpenStores openStores,
      SharedPageCache cache) {
    super(file.toString(), openStores);
    this.file = file;
    this.longReaders = new LongReaders(name, file);
    this.opener = opener;
    this.stamps = stamps;
    this.cache = cache;
  }

  @Override
  protected OpenRedb openNew() {
    try {
      Redb redb = opener.open(file, cache);
      try {
        OpenRedb opened = OpenRedb.of(redb, file);
        stamps.raise(opened.lastStamp());
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
  public void look() {
    OpenRedb seen = opened();
    if (seen != null) {
      longReaders.look(seen.redb().readers());
    }
  }
}
