package io.divan.storage.sqlite.pages;

import io.divan.storage.StorageException;
import io.divan.storage.WriteTransaction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Commits changes of files, all of them together, as their newest versions.
 *
 * <ol>
 *   <li>Changes that fit are committed in one transaction of the base: pages (including holes),
 *       header, and what {@link OldPages} removes.
 *   <li>Larger changes are staged first: their pages are written as rows of the future version, in
 *       as many transactions as necessary, each with a row that lists them. From the first of these
 *       transactions on, the header names that version as staged. Readers ignore it. The last
 *       transaction writes the headers, which switches all files to the new version at once.
 *   <li>If the process ends before the switch, rows remain. {@link #cleanUp} removes them before
 *       that version is made again.
 *   <li>Each of these transactions reads the header and the lease's owner, so it commits only if no
 *       other process has written since.
 * </ol>
 */
final class PageCommit {

  /** The changes of one file, encoded for the base. */
  private record Prepared(PageChanges changes, SortedMap<Integer, byte[]> values, long commit) {
    DatabaseFile file() {
      return changes.file();
    }

    int[] listed() {
      int[] pages = new int[values.size()];
      int i = 0;
      for (Map.Entry<Integer, byte[]> page : values.entrySet()) {
        pages[i++] =
            page.getValue().length == 0 ? OldPages.cutOff(page.getKey()) : page.getKey();
      }
      return pages;
    }
  }

  /** The maximum number of pages that a row of changes lists. */
  private static final int LISTED_MAX = 20_000;

  private PageCommit() {}

  /**
   * Commits changes of files of one store. The caller has reserved the files.
   *
   * @return the new headers
   * @throws StorageException if the commit failed or its outcome is unknown
   */
  static List<FileHeader> commit(List<PageChanges> all) {
    int max = all.getFirst().file().options().transactionBytes();
    long bytes = 0;
    List<Prepared> prepared = new ArrayList<>();
    for (PageChanges changes : all) {
      while (changes.fillHoles(LISTED_MAX)) {
        stage(changes);
      }
      Prepared one = prepare(changes);
      prepared.add(one);
      bytes += bytes(one.values());
    }
    boolean whole = bytes <= max && all.stream().allMatch(one -> fits(one.pages().size()));
    if (!whole) {
      prepared.forEach(one -> stage(one.changes()));
      prepared.replaceAll(
          one -> new Prepared(one.changes(), new TreeMap<>(), one.commit()));
    }
    return switchTo(prepared);
  }

  private static boolean fits(int pages) {
    return pages <= LISTED_MAX;
  }

  private static Prepared prepare(PageChanges changes) {
    return new Prepared(
        changes, encode(changes), ThreadLocalRandom.current().nextLong(1, Long.MAX_VALUE));
  }

  private static SortedMap<Integer, byte[]> encode(PageChanges changes) {
    boolean compressed = changes.file().options().compressed();
    SortedMap<Integer, byte[]> values = new TreeMap<>();
    changes.pages().forEach((page, bytes) -> values.put(page, PageCodec.encode(bytes, compressed)));
    return values;
  }

  private static long bytes(SortedMap<Integer, byte[]> values) {
    long bytes = 0;
    for (byte[] value : values.values()) {
      bytes += PageChanges.bytes(value);
    }
    return bytes;
  }

  /** Writes the pages in memory to the base, where readers do not see them yet. */
  static void stage(PageChanges changes) {
    DatabaseFile file = changes.file();
    int max = file.options().transactionBytes();
    SortedMap<Integer, byte[]> values = encode(changes);
    while (!values.isEmpty()) {
      SortedMap<Integer, byte[]> step = new TreeMap<>();
      long bytes = 0;
      for (Map.Entry<Integer, byte[]> page : values.entrySet()) {
        bytes += PageChanges.bytes(page.getValue());
        if (!step.isEmpty() && (bytes > max || !fits(step.size() + 1))) {
          break;
        }
        step.put(page.getKey(), page.getValue());
      }
      file.stagedHere(true);
      Prepared part = new Prepared(changes, step, 0);
      file.store().write(transaction -> writePart(transaction, part));
      changes.staged(step);
      values = values.tailMap(step.lastKey() + 1);
    }
    changes.pages().clear();
  }

  private static boolean writePart(WriteTransaction transaction, Prepared part) {
    FileHeader now = require(transaction, part.changes());
    long version = part.changes().version();
    int file = part.file().number();
    if (now.staged() != version) {
      now.withStaged(version).write(transaction, file);
    }
    writePages(transaction, part);
    transaction.put(
        StoreLayout.CHANGES,
        StoreLayout.changes(file, version, part.changes().parts()),
        StoreLayout.numbers(part.listed()));
    return true;
  }

  private static void writePages(WriteTransaction transaction, Prepared part) {
    int file = part.file().number();
    long version = part.changes().version();
    part.values()
        .forEach(
            (page, value) -> transaction.put(StoreLayout.PAGES, StoreLayout.page(file, page,
                version), value));
  }

  /** Reads the header, and checks that the changes are based on it and that the lease is held. */
  private static FileHeader require(WriteTransaction transaction, PageChanges changes) {
    changes.file().lease().check(transaction);
    FileHeader now = FileHeader.read(transaction, changes.file());
    if (now.version() != changes.before()
        || now.staged() != 0 && now.staged() != changes.version()) {
      throw new StorageException.StoreUnavailable(
          changes.file().name() + " was written by another process: version " + now.version()
              + ", not " + changes.before());
    }
    return now;
  }

  private static List<FileHeader> switchTo(List<Prepared> prepared) {
    for (Prepared one : prepared) {
      one.file().commitStarted(one.changes().version(), one.changes().allPages());
    }
    try {
      List<FileHeader> headers = writeOrFind(prepared);
      for (int i = 0; i < headers.size(); i++) {
        prepared.get(i).file().committed(prepared.get(i).changes(), headers.get(i));
      }
      return headers;
    } finally {
      prepared.forEach(one -> one.file().commitEnded());
    }
  }

  private static List<FileHeader> writeOrFind(List<Prepared> prepared) {
    try {
      return prepared
          .getFirst()
          .file()
          .store()
          .write(transaction -> writeAll(transaction, prepared))
          .result();
    } catch (StorageException.StoreUnavailable | StorageException.Conflict e) {
      Optional<List<FileHeader>> found = find(prepared, e);
      if (found.isPresent()) {
        return found.get();
      }
      throw e;
    }
  }

  private static List<FileHeader> writeAll(WriteTransaction transaction, List<Prepared> prepared) {
    List<FileHeader> headers = new ArrayList<>();
    for (Prepared one : prepared) {
      headers.add(write(transaction, one));
    }
    return headers;
  }

  private static FileHeader write(WriteTransaction transaction, Prepared one) {
    PageChanges changes = one.changes();
    DatabaseFile file = one.file();
    FileHeader now = require(transaction, changes);
    long version = changes.version();
    long horizon = Math.max(now.horizon(), file.history().horizon());
    if (!one.values().isEmpty() || !changes.isStaged()) {
      if (file.options().keepOldPages().isZero() && !changes.isStaged()) {
        overwrite(transaction, one);
        horizon = version;
      } else {
        writePages(transaction, one);
        transaction.put(
            StoreLayout.CHANGES,
            StoreLayout.changes(file.number(), version, changes.parts()),
            StoreLayout.numbers(one.listed()));
      }
    }
    OldPages.remove(transaction, file, Math.min(horizon, now.version()));
    FileHeader next = new FileHeader(changes.size(), version, horizon, 0, one.commit());
    next.write(transaction, file.number());
    return next;
  }

  /** Replaces the pages' older rows; existing readers use snapshots of the base. */
  private static void overwrite(WriteTransaction transaction, Prepared one) {
    int file = one.file().number();
    long version = one.changes().version();
    int before = one.changes().pagesBefore();
    one.values()
        .forEach(
            (page, value) -> {
              if (page < before) {
                transaction.deleteRange(StoreLayout.pageBefore(file, page, version));
              }
              if (value.length > 0) {
                transaction.put(StoreLayout.PAGES, StoreLayout.page(file, page, version), value);
              }
            });
  }

  /** Checks whether a commit with an unknown outcome took effect. */
  private static Optional<List<FileHeader>> find(
      List<Prepared> prepared, StorageException failure) {
    try {
      return prepared
          .getFirst()
          .file()
          .store()
          .read(
              transaction -> {
                List<FileHeader> headers = new ArrayList<>();
                for (Prepared one : prepared) {
                  headers.add(FileHeader.read(transaction, one.file()));
                }
                boolean all =
                    headers.stream()
                        .allMatch(
                            header -> prepared.stream()
                                .anyMatch(one -> one.commit() == header.commit()));
                return all ? Optional.of(headers) : Optional.empty();
              });
    } catch (StorageException e) {
      failure.addSuppressed(e);
      return Optional.empty();
    }
  }

  /** Removes the rows staged by an unfinished commit. The caller has reserved the file. */
  static void cleanUp(DatabaseFile file) {
    boolean more = true;
    while (more) {
      more = file.store().write(transaction -> cleanUpSome(transaction, file)).result();
    }
    file.stagedHere(false);
  }

  private static boolean cleanUpSome(WriteTransaction transaction, DatabaseFile file) {
    file.lease().check(transaction);
    FileHeader now = FileHeader.read(transaction, file);
    if (now.staged() == 0) {
      return false;
    }
    var part =
        transaction
            .scan(StoreLayout.changes(file.number(), now.staged(), now.staged()).limit(1))
            .rows();
    if (part.isEmpty()) {
      now.withStaged(0).write(transaction, file.number());
      return false;
    }
    Arrays.stream(StoreLayout.numbers(part.getFirst().value()))
        .map(OldPages::page)
        .forEach(
            page -> transaction.delete(
                StoreLayout.PAGES, StoreLayout.page(file.number(), page, now.staged())));
    transaction.delete(StoreLayout.CHANGES, part.getFirst().key());
    return true;
  }
}
