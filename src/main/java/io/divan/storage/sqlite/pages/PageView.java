package io.divan.storage.sqlite.pages;

import static io.divan.storage.sqlite.pages.Layout.PAGE_BYTES;

import io.divan.storage.KeyValue;
import io.divan.storage.Page;
import io.divan.storage.Snapshot;
import io.divan.storage.StorageException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One version of a file: what a reader sees from its first page to its last. Used by one thread at
 * a time.
 *
 * <ol>
 *   <li>Version and size come from the header as one snapshot of the base has it; pages are read
 *       with that snapshot, by that version.
 *   <li>Where the base does not keep the snapshot long enough, another one takes its place: rows of
 *       this version are in it still, as long as the header's horizon has not passed it, which is
 *       looked at in the new snapshot first.
 * </ol>
 */
final class PageView implements AutoCloseable {
  /** How often another snapshot is taken where the base forgets one at once. */
  private static final int TRIES_MAX = 5;

  private final PageFile file;
  private final long version;
  private final long size;
  private final ReadAhead ahead = new ReadAhead();
  private @Nullable Snapshot snapshot;

  private PageView(PageFile file, Header header, @Nullable Snapshot snapshot) {
    this.file = file;
    this.version = header.version();
    this.size = header.size();
    this.snapshot = snapshot;
  }

  /** A snapshot of the base, and the header in it. */
  private record Moment(Snapshot snapshot, Header header) {

    static Moment now(PageFile file) {
      for (int tries = 1; true; tries++) {
        Snapshot snapshot = file.snapshots().openSnapshot();
        try {
          Header header = Header.read(snapshot, file);
          file.learn(snapshot, header);
          return new Moment(snapshot, header);
        } catch (StorageException.SnapshotTooOld e) {
          snapshot.close();
          if (tries == TRIES_MAX) {
            throw new StorageException.StoreUnavailable(
                file.name() + ": the base answers too slowly", e);
          }
        } catch (RuntimeException | Error e) {
          snapshot.close();
          throw e;
        }
      }
    }
  }

  /** The newest version. */
  static PageView open(PageFile file) {
    Moment now = Moment.now(file);
    return new PageView(file, now.header(), now.snapshot());
  }

  /** A version that was just committed; its snapshot is taken when a page is to be read. */
  static PageView committed(PageFile file, Header header) {
    return new PageView(file, header, null);
  }

  long version() {
    return version;
  }

  /** Bytes of the file. */
  long size() {
    return size;
  }

  /** How many pages begin before its end. */
  int pages() {
    return pages(size);
  }

  static int pages(long size) {
    return (int) ((size + PAGE_BYTES - 1) / PAGE_BYTES);
  }

  /** A page, zeros beyond the end. Nobody changes it. */
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
        : read(from -> stretch(from, number, count));
  }

  private byte[] newest(Snapshot from, int number) {
    Page rows = from.scan(Layout.newest(file.number(), number, version));
    if (rows.rows().isEmpty()) {
      throw PageCodec.missing(file, number);
    }
    KeyValue row = rows.rows().getFirst();
    return keep(
        number, Layout.versionOf(row.key()), PageCodec.decode(row.value(), file, number));
  }

  /** Reads some pages at once; answers the first. */
  private byte[] stretch(Snapshot from, int first, int count) {
    Page rows = from.scan(Layout.pages(file.number(), first, count));
    int whole = first + count; // pages before this one were read with all their rows
    if (rows.stop() != Page.Stop.END) {
      whole = Layout.pageOf(rows.rows().getLast().key());
    }
    if (whole == first) {
      return newest(from, first);
    }
    @Nullable KeyValue newest = null;
    byte @Nullable [] answer = null;
    for (KeyValue row : rows.rows()) {
      if (newest != null && Layout.pageOf(row.key()) != Layout.pageOf(newest.key())) {
        answer = answer(newest, first, answer);
        newest = null;
      }
      if (Layout.pageOf(row.key()) < whole && Layout.versionOf(row.key()) <= version) {
        newest = row;
      }
    }
    answer = newest == null ? answer : answer(newest, first, answer);
    if (answer == null) {
      throw PageCodec.missing(file, first);
    }
    return answer;
  }

  private byte[] answer(KeyValue row, int first, byte @Nullable [] before) {
    int number = Layout.pageOf(row.key());
    if (before == null && number > first) {
      throw PageCodec.missing(file, first);
    }
    byte[] page = keep(row);
    return before == null ? page : before;
  }

  private byte[] keep(KeyValue row) {
    int number = Layout.pageOf(row.key());
    return keep(
        number, Layout.versionOf(row.key()), PageCodec.decode(row.value(), file, number));
  }

  private byte[] keep(int number, long from, byte[] page) {
    file.cache().add(file.cached(), number, from, page, version, file.known());
    return page;
  }

  private <T> T read(Function<Snapshot, T> work) {
    for (int tries = 1; true; tries++) {
      boolean fresh = snapshot == null;
      Snapshot from = snapshot == null ? again() : snapshot;
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

  /** Another snapshot in which this version is still whole. */
  private Snapshot again() {
    Moment now = Moment.now(file);
    long horizon = now.header().horizon();
    if (horizon > version) {
      now.snapshot().close();
      throw new StorageException.SnapshotTooOld(
          file.name() + ": old pages are kept for " + file.options().keepOldPages().toSeconds()
              + " s, and this reader began before that",
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
