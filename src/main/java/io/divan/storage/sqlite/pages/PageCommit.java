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
 * Makes changes of files the newest versions of them, all together.
 *
 * <ol>
 *   <li>Changes that fit are one transaction of the base: pages, header, and what {@link OldPages}
 *       removes. Holes are pages, too.
 *   <li>Others are staged first: their pages are written as rows of the version to be, in as many
 *       transactions as it takes, each with a row that lists them. The header names that version as
 *       staged from the first of these on. Readers do not look at it. The last transaction writes
 *       the header: that is the switch, of all files at once.
 *   <li>Whoever ends before the switch leaves rows behind. {@link #cleanUp} removes them before
 *       anybody makes that version again.
 *   <li>Each of these transactions reads the header and the lease's owner: it commits only where
 *       nobody else has written since.
 * </ol>
 */
final class PageCommit {

  /** What the base is to be told of one file. */
  private record Prepared(PageChanges changes, SortedMap<Integer, byte[]> values, long commit) {
    PageFile file() {
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

  /** The most pages that a row of changes lists. */
  private static final int LISTED_MAX = 20_000;

  private PageCommit() {}

  /**
   * Commits changes of files of one store. The caller has reserved the files.
   *
   * @return the new headers
   * @throws StorageException when they were not committed, or it is not known
   */
  static List<Header> commit(List<PageChanges> all) {
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

  /** Brings the pages in memory to the base, without anybody seeing them there. */
  static void stage(PageChanges changes) {
    PageFile file = changes.file();
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
    Header now = require(transaction, part.changes());
    long version = part.changes().version();
    int file = part.file().number();
    if (now.staged() != version) {
      now.withStaged(version).write(transaction, file);
    }
    writePages(transaction, part);
    transaction.put(
        Layout.CHANGES,
        Layout.changes(file, version, part.changes().parts()),
        Layout.numbers(part.listed()));
    return true;
  }

  private static void writePages(WriteTransaction transaction, Prepared part) {
    int file = part.file().number();
    long version = part.changes().version();
    part.values()
        .forEach(
            (page, value) ->
                transaction.put(Layout.PAGES, Layout.page(file, page, version), value));
  }

  /** The header, if these changes are still made of the newest version, by whoever may. */
  private static Header require(WriteTransaction transaction, PageChanges changes) {
    changes.file().lease().check(transaction);
    Header now = Header.read(transaction, changes.file());
    if (now.version() != changes.before()
        || now.staged() != 0 && now.staged() != changes.version()) {
      throw new StorageException.StoreUnavailable(
          changes.file().name() + " was written by another process: version " + now.version()
              + ", not " + changes.before());
    }
    return now;
  }

  private static List<Header> switchTo(List<Prepared> prepared) {
    for (Prepared one : prepared) {
      one.file().commits(one.changes().version(), one.changes().allPages());
    }
    try {
      List<Header> headers = writeOrFind(prepared);
      for (int i = 0; i < headers.size(); i++) {
        prepared.get(i).file().committed(prepared.get(i).changes(), headers.get(i));
      }
      return headers;
    } finally {
      prepared.forEach(one -> one.file().commitEnded());
    }
  }

  private static List<Header> writeOrFind(List<Prepared> prepared) {
    try {
      return prepared
          .getFirst()
          .file()
          .store()
          .write(transaction -> writeAll(transaction, prepared))
          .result();
    } catch (StorageException.StoreUnavailable | StorageException.Conflict e) {
      Optional<List<Header>> found = find(prepared, e);
      if (found.isPresent()) {
        return found.get();
      }
      throw e;
    }
  }

  private static List<Header> writeAll(WriteTransaction transaction, List<Prepared> prepared) {
    List<Header> headers = new ArrayList<>();
    for (Prepared one : prepared) {
      headers.add(write(transaction, one));
    }
    return headers;
  }

  private static Header write(WriteTransaction transaction, Prepared one) {
    PageChanges changes = one.changes();
    PageFile file = one.file();
    Header now = require(transaction, changes);
    long version = changes.version();
    long horizon = Math.max(now.horizon(), file.history().horizon());
    if (!one.values().isEmpty() || !changes.isStaged()) {
      if (file.options().keepOldPages().isZero() && !changes.isStaged()) {
        overwrite(transaction, one);
        horizon = version;
      } else {
        writePages(transaction, one);
        transaction.put(
            Layout.CHANGES,
            Layout.changes(file.number(), version, changes.parts()),
            Layout.numbers(one.listed()));
      }
    }
    OldPages.remove(transaction, file, Math.min(horizon, now.version()));
    Header next = new Header(changes.size(), version, horizon, 0, one.commit());
    next.write(transaction, file.number());
    return next;
  }

  /** Writes pages in the place of their rows before: who reads those has a snapshot of the base. */
  private static void overwrite(WriteTransaction transaction, Prepared one) {
    int file = one.file().number();
    long version = one.changes().version();
    int before = one.changes().pagesBefore();
    one.values()
        .forEach(
            (page, value) -> {
              if (page < before) {
                transaction.deleteRange(Layout.pageBefore(file, page, version));
              }
              if (value.length > 0) {
                transaction.put(Layout.PAGES, Layout.page(file, page, version), value);
              }
            });
  }

  /** Looks whether a commit whose outcome was not told has happened. */
  private static Optional<List<Header>> find(List<Prepared> prepared, StorageException failure) {
    try {
      return prepared
          .getFirst()
          .file()
          .store()
          .read(
              transaction -> {
                List<Header> headers = new ArrayList<>();
                for (Prepared one : prepared) {
                  headers.add(Header.read(transaction, one.file()));
                }
                boolean all =
                    headers.stream()
                        .allMatch(
                            header ->
                                prepared.stream()
                                    .anyMatch(one -> one.commit() == header.commit()));
                return all ? Optional.of(headers) : Optional.empty();
              });
    } catch (StorageException e) {
      failure.addSuppressed(e);
      return Optional.empty();
    }
  }

  /** Removes what a commit that was not ended has staged. The caller has reserved the file. */
  static void cleanUp(PageFile file) {
    boolean more = true;
    while (more) {
      more = file.store().write(transaction -> cleanUpSome(transaction, file)).result();
    }
    file.stagedHere(false);
  }

  private static boolean cleanUpSome(WriteTransaction transaction, PageFile file) {
    file.lease().check(transaction);
    Header now = Header.read(transaction, file);
    if (now.staged() == 0) {
      return false;
    }
    var part =
        transaction
            .scan(Layout.changes(file.number(), now.staged(), now.staged()).limit(1))
            .rows();
    if (part.isEmpty()) {
      now.withStaged(0).write(transaction, file.number());
      return false;
    }
    Arrays.stream(Layout.numbers(part.getFirst().value()))
        .map(OldPages::page)
        .forEach(
            page ->
                transaction.delete(
                    Layout.PAGES, Layout.page(file.number(), page, now.staged())));
    transaction.delete(Layout.CHANGES, part.getFirst().key());
    return true;
  }
}
