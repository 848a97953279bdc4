package io.divan.redb;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * Manages the allocated and free pages of a file, for its one writer.
 *
 * <ol>
 *   <li>A page that a commit no longer references is freed when no reader sees an earlier commit
 *       and that commit is durable. Before that, a crash reverts to a commit that references the
 *       page.
 *   <li>A page that no durable commit ever referenced need not wait for durability.
 * </ol>
 */
final class FreeSpace {

  /** Pages given up by a commit. */
  private record Waiting(long version, LongList pages) {
    long bytes() {
      long[] sum = new long[1];
      pages.forEach(page -> sum[0] += (long) PageNumber.PAGE_BYTES << PageNumber.order(page));
      return sum[0];
    }
  }

  private final PagedCachedFile file;
  private final Allocators allocators;
  private final Deque<Waiting> waiting = new ArrayDeque<>();

  /** Pages of commits that are not durable; no durable commit has referenced them. */
  private final LongMap unsynced = new LongMap();

  private long waitingPages;
  private long waitingBytes;

  FreeSpace(PagedCachedFile file, Allocators allocators) {
    this.file = file;
    this.allocators = allocators;
  }

  FileLayout layout() {
    return allocators.layout();
  }

  Allocators allocators() {
    return allocators;
  }

  /** The usage of the file, in 4096-byte pages; {@code waitingPages} counts pages of any size. */
  record Usage(
      long fileBytes,
      long allocatedPages,
      long freePages,
      long waitingPages,
      long waitingBytes) {}

  Usage usage() {
    return new Usage(
        layout().fileBytes(),
        allocators.allocatedPages(),
        allocators.freePages(),
        waitingPages,
        waitingBytes);
  }

  /**
   * Allocates a page, and extends the file if no page is free.
   *
   * @param below accepts only pages that begin before this 4096-byte page, while such pages exist
   * @throws RedbException.Full if the file cannot grow
   */
  long allocate(int order, long below) {
    long page = allocators.allocate(order, below);
    if (page < 0) {
      grow(order);
      page = allocators.allocate(order, below);
    }
    return page;
  }

  private void grow(int order) {
    FileLayout layout = allocators.layout();
    FileLayout usual = layout.grown(order).orElseThrow(() -> tooLarge(order));
    FileLayout larger = usual;
    try {
      file.resize(usual);
    } catch (RedbException.Full e) {
      // A smaller extension may still fit.
      larger = layout.grownLeast(order).filter(least -> !least.equals(usual)).orElseThrow(() -> e);
      file.resize(larger);
    }
    allocators.resizeTo(larger);
  }

  private static RedbException tooLarge(int order) {
    return new RedbException.Full(
        "The file cannot hold a page of order " + order + ", whatever its length",
        new IllegalStateException("no layout holds such a page"));
  }

  /** Frees a page that no commit references. */
  void free(long page) {
    allocators.free(page);
    file.drop(page);
  }

  /**
   * Records the pages that a commit gave up.
   *
   * @param own the pages that the commit allocated
   * @param durable whether this commit, and so every earlier one, is durable
   */
  void committed(long version, LongList freed, LongMap own, boolean durable) {
    if (durable) {
      unsynced.clear();
    } else {
      own.forEachKey(page -> unsynced.put(page, 0));
    }
    if (freed.size() > 0) {
      Waiting added = new Waiting(version, freed);
      waiting.addLast(added);
      waitingPages += freed.size();
      waitingBytes += added.bytes();
    }
  }

  /**
   * Frees the pages that are no longer needed.
   *
   * @param oldestReader the earliest commit that a reader sees
   * @param durable the latest durable commit
   */
  void release(long oldestReader, long durable) {
    Deque<Waiting> still = new ArrayDeque<>();
    while (!waiting.isEmpty() && waiting.peekFirst().version() <= oldestReader) {
      Waiting next = waiting.removeFirst();
      waitingPages -= next.pages().size();
      waitingBytes -= next.bytes();
      LongList needed = new LongList();
      boolean synced = next.version() <= durable;
      next.pages()
          .forEach(
              page -> {
                if (synced || unsynced.get(page) != LongMap.ABSENT) {
                  unsynced.remove(page);
                  free(page);
                } else {
                  needed.add(page);
                }
              });
      if (needed.size() > 0) {
        Waiting rest = new Waiting(next.version(), needed);
        still.addLast(rest);
        waitingPages += needed.size();
        waitingBytes += rest.bytes();
      }
    }
    while (!still.isEmpty()) {
      waiting.addFirst(still.removeLast());
    }
  }

  /** Marks the waiting pages as allocated in other allocators. */
  void markWaiting(Allocators other) {
    waiting.forEach(each -> each.pages().forEach(other::markAllocated));
  }

  /** Returns the number of 4096-byte pages up to the end of the last allocated page. */
  long usedPages() {
    return layout().pages() - allocators.trailingFreePages();
  }

  /**
   * Removes the free pages at the end from the allocators, region by region. The file itself is
   * truncated after the commit.
   */
  void shrink() {
    Optional<FileLayout> smaller = allocators.shrunk(true);
    while (smaller.isPresent()) {
      allocators.resizeTo(smaller.get());
      smaller = allocators.shrunk(true);
    }
  }
}
