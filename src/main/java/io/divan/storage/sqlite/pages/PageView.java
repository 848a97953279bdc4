package io.divan.storage.sqlite.pages;

import static io.divan.storage.sqlite.pages.StoreLayout.PAGE_BYTES;

import io.divan.storage.KeyValue;
import io.divan.storage.Page;
import io.divan.storage.Snapshot;
import io.divan.storage.StorageException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One version of a file, as a reader sees it. Used by one thread at a time.
 *
 * <ol>
 *   <li>Version and size come from the header in one snapshot of the base. Pages are read from the
 *       same snapshot, by that version.
 *   <li>If the base discards the snapshot, the view takes a new one. It still contains the rows of
 *       this version unless the header's horizon has passed the version, which is checked first.
 * </ol>
 */
final class PageView implements AutoCloseable {
  /** How often a new snapshot is tried if the base discards each one at once. */
  private static final int TRIES_MAX = 5;

  private final DatabaseFile file;
  private final long version;
  private final long size;
  private final ReadAhead ahead = new ReadAhead();
  private @Nullable Snapshot snapshot;

  private PageView(DatabaseFile file, FileHeader header, @Nullable Snapshot snapshot) {
    this.file = file;
    this.version = header.version();
    this.size = header.size();
    this.snapshot = snapshot;
  }

  /** A snapshot of the base, and the header in it. */
  private record Moment(Snapshot snapshot, FileHeader header) {

    static Moment now(DatabaseFile file) {
      for (int tries = 1; true; tries++) {
        Snapshot snapshot = file.snapshots().openSnapshot();
        try {
          FileHeader header = FileHeader.read(snapshot, file);
          file.learn(snapshot, header);
          return new Moment(snapshot, header);
        } catch (StorageException.SnapshotTooOld e) {
          snapshot.close();
          if (tries == TRIES_MAX) {
            throw new StorageException.StoreUnavailable(
                file.name() + " cannot be read: the base store responds too slowly", e);
          }
        } catch (RuntimeException | Error e) {
          snapshot.close();
          throw e;
        }
      }
    }
  }

  /** Opens the newest version. */
  static PageView open(DatabaseFile file) {
    Moment now = Moment.now(file);
    return new PageView(file, now.header(), now.snapshot());
  }

  /** Views a version that was just committed, and takes a snapshot when it first reads a page. */
  static PageView committed(DatabaseFile file, FileHeader header) {
    return new PageView(file, header, null);
  }

  long version() {
    return version;
  }

  /** The size of the file, in bytes. */
  long size() {
    return size;
  }

  /** The number of pages, including a partial last one. */
  int pages() {
    return pages(size);
  }

  static int pages(long size) {
    return (int) ((size + PAGE_BYTES - 1) / PAGE_BYTES);
  }

  /** A page, or zeros beyond the end. Must not be modified. */
  byte[] page(int number) {
    if (number >= pages()) {
      return PageCodec.ZEROS;
    }
    byte[] cached = file.cache().get(file.cached(), number, version);
    return cached != null ? cached : load(number);
  }

  private byte[] load(int number) {
    int count = Math.min(ahead.pages(number), pages() - number);
    return count == 1
        ? read(from -> newest(from, number))
        : read(from -> readAhead(from, number, count));
  }

  private byte[] newest(Snapshot from, int number) {
    Page rows = from.scan(StoreLayout.newest(file.number(), number, version));
    if (rows.rows().isEmpty()) {
      throw PageCodec.missing(file, number);
    }
    KeyValue row = rows.rows().getFirst();
    return keep(
        number, StoreLayout.versionOf(row.key()), PageCodec.decode(row.value(), file, number));
  }

  /** Reads several pages at once, and returns the first. */
  private byte[] readAhead(Snapshot from, int first, int count) {
    Page rows = from.scan(StoreLayout.pages(file.number(), first, count));
    int whole = first + count; // all rows of the pages before this one were read
    if (rows.stop() != Page.Stop.END) {
      whole = StoreLayout.pageOf(rows.rows().getLast().key());
    }
    if (whole == first) {
      return newest(from, first);
    }
    @Nullable KeyValue newest = null;
    byte @Nullable [] result = null;
    for (KeyValue row : rows.rows()) {
      if (newest != null && StoreLayout.pageOf(row.key()) != StoreLayout.pageOf(newest.key())) {
        result = keepAfter(newest, first, result);
        newest = null;
      }
      if (StoreLayout.pageOf(row.key()) < whole && StoreLayout.versionOf(row.key()) <= version) {
        newest = row;
      }
    }
    result = newest == null ? result : keepAfter(newest, first, result);
    if (result == null) {
      throw PageCodec.missing(file, first);
    }
    return result;
  }

  private byte[] keepAfter(KeyValue row, int first, byte @Nullable [] before) {
    int number = StoreLayout.pageOf(row.key());
    if (before == null && number > first) {
      throw PageCodec.missing(file, first);
    }
    byte[] page = keep(row);
    return before == null ? page : before;
  }

  private byte[] keep(KeyValue row) {
    int number = StoreLayout.pageOf(row.key());
    return keep(
        number, StoreLayout.versionOf(row.key()), PageCodec.decode(row.value(), file, number));
  }

  private byte[] keep(int number, long from, byte[] page) {
    file.cache().add(file.cached(), number, from, page, version, file.known());
    return page;
  }

  private <T> T read(Function<Snapshot, T> work) {
    for (int tries = 1; true; tries++) {
      boolean fresh = snapshot == null;
      Snapshot from = snapshot == null ? reopen() : snapshot;
      try {
        return work.apply(from);
      } catch (StorageException.SnapshotTooOld | StorageException.StoreUnavailable e) {
        close();
        boolean away = e instanceof StorageException.StoreUnavailable;
        if (fresh && (away || tries >= TRIES_MAX)) {
          throw e;
        }
      }
    }
  }

  /** Takes a new snapshot that still contains this version. */
  private Snapshot reopen() {
    Moment now = Moment.now(file);
    long horizon = now.header().horizon();
    if (horizon > version) {
      now.snapshot().close();
      throw new StorageException.SnapshotTooOld(
          file.name() + " has changed: a reader can use an old version for "
              + file.options().keepOldPages().toSeconds() + " s, which are over",
          new IllegalStateException("horizon " + horizon + ", version " + version));
    }
    snapshot = now.snapshot();
    return now.snapshot();
  }

  @Override
  public void close() {
    Snapshot open = snapshot;
    snapshot = null;
    if (open != null) {
      open.close();
    }
  }
}
