package io.divan.redb;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Tracks the free pages of a file. Not thread-safe; performs no I/O.
 *
 * <ol>
 *   <li>Each region of the layout has one {@link BuddyAllocator} with as many pages as the region.
 *   <li>The tracker never marks a region as full while it has free pages.
 * </ol>
 */
final class Allocators {
  private final List<BuddyAllocator> regions = new ArrayList<>();
  private final RegionTracker tracker;
  private FileLayout layout;

  /** Creates allocators in which every page is free. */
  Allocators(FileLayout layout) {
    this.layout = layout;
    this.tracker = new RegionTracker(layout.regions());
    addRegions(layout);
  }

  private Allocators(FileLayout layout, RegionTracker tracker) {
    this.layout = layout;
    this.tracker = tracker;
  }

  private void addRegions(FileLayout to) {
    for (int region = regions.size(); region < to.regions(); region++) {
      regions.add(new BuddyAllocator(to.pages(region), to.regionPages()));
      markFree(region);
    }
  }

  private void markFree(int region) {
    int order = regions.get(region).highestFreeOrder();
    if (order >= 0) {
      tracker.markFree(order, region);
    }
  }

  FileLayout layout() {
    return layout;
  }

  /** Returns the highest page order that a region of this file can hold. */
  int orderMax() {
    return regions.getFirst().orderMax();
  }

  /**
   * Allocates a page in the first region that has a free one.
   *
   * @param below accepts only pages that begin before this 4096-byte page, while such pages exist
   * @return the page number, or −1 if the file must grow
   */
  long allocate(int order, long below) {
    if (order > orderMax()) {
      return -1;
    }
    int region = tracker.findFree(order);
    while (region >= 0) {
      if (region < regions.size()) {
        BuddyAllocator buddy = regions.get(region);
        long left = below - (long) region * layout.regionPages();
        int index = buddy.alloc(order, Math.clamp(left, 0, buddy.pages()));
        if (index >= 0) {
          return PageNumber.of(region, index, order);
        }
      }
      tracker.markFull(order, region);
      region = tracker.findFree(order);
    }
    return -1;
  }

  /**
   * Frees a page.
   *
   * @throws RedbException.Corrupted if the page is not allocated
   */
  void free(long page) {
    int region = PageNumber.region(page);
    int order =
        layout.contains(page)
            ? regions.get(region).free(PageNumber.index(page), PageNumber.order(page))
            : -1;
    if (order < 0) {
      throw new RedbException.Corrupted(
          "page " + PageNumber.text(page) + " is freed but was not allocated");
    }
    tracker.markFree(order, region);
  }

  /**
   * Marks a known page as allocated.
   *
   * @throws RedbException.Corrupted if the page lies outside the file or is already allocated
   */
  void markAllocated(long page) {
    if (!layout.contains(page)) {
      throw new RedbException.Corrupted(
          "page " + PageNumber.text(page) + " lies outside the file");
    }
    BuddyAllocator buddy = regions.get(PageNumber.region(page));
    if (!buddy.recordAlloc(PageNumber.index(page), PageNumber.order(page))) {
      throw new RedbException.Corrupted("page " + PageNumber.text(page) + " is referenced twice");
    }
  }

  /** Returns whether the whole page is allocated, as one page or as parts of other pages. */
  boolean isAllocated(long page) {
    return layout.contains(page)
        && regions
            .get(PageNumber.region(page))
            .isAllocated(PageNumber.index(page), PageNumber.order(page));
  }

  /** Adapts to a new file length. Any pages that are cut off must be free. */
  void resizeTo(FileLayout next) {
    if (!canResizeTo(next)) {
      throw new IllegalStateException("resizing would cut off allocated pages");
    }
    while (regions.size() > next.regions()) {
      regions.removeLast();
      tracker.markFull(0, regions.size());
    }
    for (int region = 0; region < regions.size(); region++) {
      BuddyAllocator buddy = regions.get(region);
      if (buddy.pages() != next.pages(region)) {
        buddy.resize(next.pages(region));
        markFree(region);
      }
    }
    addRegions(next);
    layout = next;
  }

  private boolean canResizeTo(FileLayout next) {
    for (int region = 0; region < regions.size(); region++) {
      BuddyAllocator buddy = regions.get(region);
      int pages = region < next.regions() ? next.pages(region) : 0;
      if (pages < buddy.pages() && buddy.trailingFreePages() < buddy.pages() - pages) {
        return false;
      }
    }
    return true;
  }

  /**
   * Returns the layout after cutting off free pages of the last region; see {@link
   * FileLayout#shrunk}.
   */
  Optional<FileLayout> shrunk(boolean most) {
    return layout.shrunk(regions.getLast().trailingFreePages(), most);
  }

  /** Returns the number of free 4096-byte pages at the end of the file, across regions. */
  long trailingFreePages() {
    long count = 0;
    for (int region = regions.size() - 1; region >= 0; region--) {
      BuddyAllocator buddy = regions.get(region);
      count += buddy.trailingFreePages();
      if (buddy.trailingFreePages() < buddy.pages()) {
        break;
      }
    }
    return count;
  }

  /** Returns the number of free 4096-byte pages. */
  long freePages() {
    long count = 0;
    for (BuddyAllocator region : regions) {
      count += region.freePages();
    }
    return count;
  }

  /** Returns the number of allocated 4096-byte pages. */
  long allocatedPages() {
    return layout.pages() - freePages();
  }

  /**
   * Returns the first 4096-byte page that is allocated in only one of the two, or −1 if there is no
   * such page. Compares every page.
   */
  long firstDifference(Allocators other) {
    int both = Math.min(regions.size(), other.regions.size());
    for (int region = 0; region < both; region++) {
      int page = regions.get(region).firstDifference(other.regions.get(region));
      if (page >= 0) {
        return PageNumber.of(region, page, 0);
      }
    }
    return regions.size() == other.regions.size() ? -1 : PageNumber.of(both, 0, 0);
  }

  int regions() {
    return regions.size();
  }

  /** Returns the size of {@link #saveRegion} in bytes, which depends on the layout alone. */
  int regionBytes(int region) {
    return regions.get(region).byteCount();
  }

  /** Serializes a region. */
  byte[] saveRegion(int region) {
    return regions.get(region).write();
  }

  /**
   * Returns the size of {@link #saveTracker} in bytes. It depends only on the highest number of
   * regions the file ever had.
   */
  int trackerBytes() {
    return tracker.byteCount();
  }

  /** Serializes the region tracker. */
  byte[] saveTracker() {
    return tracker.write();
  }

  /**
   * Loads serialized allocators.
   *
   * @param layout the layout of the file, whose length may have changed since the allocators were
   *     saved
   * @param saved the serialized regions, in order
   * @param savedTracker the serialized region tracker
   * @throws RedbException.Corrupted if the bytes are malformed or do not match the layout
   */
  static Allocators load(FileLayout layout, List<byte[]> saved, byte[] savedTracker) {
    if (saved.isEmpty() || saved.size() > PageNumber.REGIONS_MAX) {
      throw new RedbException.Corrupted("the allocator state lists no regions, or too many");
    }
    Allocators result = new Allocators(layout, RegionTracker.read(savedTracker));
    for (byte[] bytes : saved) {
      result.regions.add(BuddyAllocator.read(bytes, layout.regionPages()));
      // Ignore the saved tracker's entry: a free region that it marks as full would never be used.
      result.markFree(result.regions.size() - 1);
    }
    if (!result.canResizeTo(layout)) {
      throw new RedbException.Corrupted("allocated pages lie beyond the end of the file");
    }
    result.resizeTo(layout);
    return result;
  }
}
