package io.divan.redb;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * Which pages of the file are in use; for the one writer.
 *
 * <ol>
 *   <li>A page that a commit no longer refers to waits until no reader sees an earlier commit, and
 *       until that commit is durable: before that a crash goes back to one that refers to it.
 *   <li>A page that no durable commit has ever referred to need not wait for the disk.
 * </ol>
 */
final class Space {

  /** Pages that a commit gave up. */
  private record Waiting(long version, LongList pages) {
    long bytes() {
      long[] sum = new long[1];
      pages.forEach(page -> sum[0] += (long) PageNumber.PAGE_BYTES << PageNumber.order(page));
      return sum[0];
    }
  }

  private final PageFile file;
  private final Allocators allocators;
  private final Deque<Waiting> waiting = new ArrayDeque<>();

  /** Pages of commits that are not durable, which no durable commit has referred to. */
  private final LongMap unsynced = new LongMap();

  private long waitingPages;
  private long waitingBytes;

  Space(PageFile file, Allocators allocators) {
    this.file = file;
    this.allocators = allocators;
  }

  Layout layout() {
    return allocators.layout();
  }

  Allocators allocators() {
    return allocators;
  }

  /** How much of the file is in use: pages of 4096 bytes, but for those that wait, of any size. */
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
   * A page of an order; the file grows where there is none.
   *
   * @param below only one that begins before this page of 4096 bytes, as long as there are any
   * @throws RedbException.Full when it cannot
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
    Layout layout = allocators.layout();
    Layout usual = layout.grown(order).orElseThrow(() -> tooLarge(order));
    Layout larger = usual;
    try {
      file.resize(usual);
    } catch (RedbException.Full e) {
      // Less than usual may still fit.
      larger = layout.grownLeast(order).filter(least -> !least.equals(usual)).orElseThrow(() -> e);
      file.resize(larger);
    }
    allocators.resizeTo(larger);
  }

  private static RedbException tooLarge(int order) {
    return new RedbException.Full(
        "The file has no place for a page of order " + order + ", and can have none",
        new IllegalStateException("no layout has it"));
  }

  /** Gives back a page that nobody refers to. */
  void free(long page) {
    allocators.free(page);
    file.drop(page);
  }

  /**
   * Takes what a commit gave up.
   *
   * @param own the pages it allocated
   * @param durable whether it is durable, and so all before it
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
   * Frees what nobody needs any more.
   *
   * @param oldestReader the earliest commit that anybody reads
   * @param durable the latest commit that is durable
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

  /** Marks what waits as in use, in other books. */
  void markWaiting(Allocators books) {
    waiting.forEach(each -> each.pages().forEach(books::markAllocated));
  }

  /** How many pages of 4096 bytes lie before the end of the last one that is in use. */
  long usedPages() {
    return layout().pages() - allocators.trailingFreePages();
  }

  /**
   * Cuts free pages off the end, region after region, in the books only: the file is cut once that
   * is committed.
   */
  void shrink() {
    Optional<Layout> smaller = allocators.shrunk(true);
    while (smaller.isPresent()) {
      allocators.resizeTo(smaller.get());
      smaller = allocators.shrunk(true);
    }
  }
}
