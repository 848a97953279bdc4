package io.divan.redb;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The free pages of a file. For one thread at a time; it does no I/O.
 *
 * <ol>
 *   <li>There is one {@link Buddy} for each region of the layout, with as many pages.
 *   <li>The tracker never calls a region full that is not.
 * </ol>
 */
final class Allocators {
  private final List<Buddy> regions = new ArrayList<>();
  private final RegionTracker tracker;
  private Layout layout;

  /** All pages free. */
  Allocators(Layout layout) {
    this.layout = layout;
    this.tracker = new RegionTracker(layout.regions());
    addRegions(layout);
  }

  private Allocators(Layout layout, RegionTracker tracker) {
    this.layout = layout;
    this.tracker = tracker;
  }

  private void addRegions(Layout to) {
    for (int region = regions.size(); region < to.regions(); region++) {
      regions.add(new Buddy(to.pages(region), to.regionPages()));
      markFree(region);
    }
  }

  private void markFree(int region) {
    int order = regions.get(region).highestFreeOrder();
    if (order >= 0) {
      tracker.markFree(order, region);
    }
  }

  Layout layout() {
    return layout;
  }

  /** The greatest order that a page may have in this file. */
  int orderMax() {
    return regions.getFirst().orderMax();
  }

  /**
   * Takes a page, in the first region that has one.
   *
   * @param below only one that begins before this page of 4096 bytes, as long as there are any
   * @return its number; −1 when the file must grow
   */
  long allocate(int order, long below) {
    if (order > orderMax()) {
      return -1;
    }
    int region = tracker.findFree(order);
    while (region >= 0) {
      if (region < regions.size()) {
        Buddy buddy = regions.get(region);
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
   * Gives a page back.
   *
   * @throws RedbException.Corrupted when it is not in use
   */
  void free(long page) {
    int region = PageNumber.region(page);
    int order =
        layout.contains(page)
            ? regions.get(region).free(PageNumber.index(page), PageNumber.order(page))
            : -1;
    if (order < 0) {
      throw new RedbException.Corrupted(
          "page " + PageNumber.text(page) + " is given back and was not in use");
    }
    tracker.markFree(order, region);
  }

  /**
   * Takes a page that is found in use.
   *
   * @throws RedbException.Corrupted when it lies outside of the file, or is in use already
   */
  void markAllocated(long page) {
    if (!layout.contains(page)) {
      throw new RedbException.Corrupted(
          "page " + PageNumber.text(page) + " lies outside of the file");
    }
    Buddy buddy = regions.get(PageNumber.region(page));
    if (!buddy.recordAlloc(PageNumber.index(page), PageNumber.order(page))) {
      throw new RedbException.Corrupted("page " + PageNumber.text(page) + " is in use twice");
    }
  }

  /** Whether the whole page is in use, alone or as a part or the whole of others. */
  boolean isAllocated(long page) {
    return layout.contains(page)
        && regions
            .get(PageNumber.region(page))
            .isAllocated(PageNumber.index(page), PageNumber.order(page));
  }

  /** Follows the file to another length. What is cut off must be free. */
  void resizeTo(Layout next) {
    if (!canResizeTo(next)) {
      throw new IllegalStateException("pages in use would be cut off");
    }
    while (regions.size() > next.regions()) {
      regions.removeLast();
      tracker.markFull(0, regions.size());
    }
    for (int region = 0; region < regions.size(); region++) {
      Buddy buddy = regions.get(region);
      if (buddy.pages() != next.pages(region)) {
        buddy.resize(next.pages(region));
        markFree(region);
      }
    }
    addRegions(next);
    layout = next;
  }

  private boolean canResizeTo(Layout next) {
    for (int region = 0; region < regions.size(); region++) {
      Buddy buddy = regions.get(region);
      int pages = region < next.regions() ? next.pages(region) : 0;
      if (pages < buddy.pages() && buddy.trailingFreePages() < buddy.pages() - pages) {
        return false;
      }
    }
    return true;
  }

  /** How the file may be shortened by what is free in its last region; {@link Layout#shrunk}. */
  Optional<Layout> shrunk(boolean most) {
    return layout.shrunk(regions.getLast().trailingFreePages(), most);
  }

  /** Free pages of 4096 bytes at the end of the file, over as many regions as they fill. */
  long trailingFreePages() {
    long count = 0;
    for (int region = regions.size() - 1; region >= 0; region--) {
      Buddy buddy = regions.get(region);
      count += buddy.trailingFreePages();
      if (buddy.trailingFreePages() < buddy.pages()) {
        break;
      }
    }
    return count;
  }

  /** Free pages, of 4096 bytes. */
  long freePages() {
    long count = 0;
    for (Buddy region : regions) {
      count += region.freePages();
    }
    return count;
  }

  /** Pages in use, of 4096 bytes. */
  long allocatedPages() {
    return layout.pages() - freePages();
  }

  /**
   * The first page of 4096 bytes that is in use here and not there, or the other way round; −1 when
   * there is none. Looks at each page.
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

  /** How many bytes {@link #saveRegion} makes; depends on the layout alone. */
  int regionBytes(int region) {
    return regions.get(region).byteCount();
  }

  /** A region, as it is stored. */
  byte[] saveRegion(int region) {
    return regions.get(region).write();
  }

  /** How many bytes {@link #saveTracker} makes; depends on the most regions there ever were. */
  int trackerBytes() {
    return tracker.byteCount();
  }

  /** Which regions may have free pages, as it is stored. */
  byte[] saveTracker() {
    return tracker.write();
  }

  /**
   * Loads what was saved.
   *
   * @param layout the file's; the file may have become longer or shorter since
   * @param saved the regions, in order
   * @param savedTracker what was saved beside them
   * @throws RedbException.Corrupted when it was not saved so, or not for such a file
   */
  static Allocators load(Layout layout, List<byte[]> saved, byte[] savedTracker) {
    if (saved.isEmpty() || saved.size() > PageNumber.REGIONS_MAX) {
      throw new RedbException.Corrupted("the table of the pages in use names no regions");
    }
    Allocators result = new Allocators(layout, RegionTracker.read(savedTracker));
    for (byte[] bytes : saved) {
      result.regions.add(Buddy.read(bytes, layout.regionPages()));
      // What was saved of it is not relied on: a region that it forgot would never be used again.
      result.markFree(result.regions.size() - 1);
    }
    if (!result.canResizeTo(layout)) {
      throw new RedbException.Corrupted("pages in use lie behind the end of the file");
    }
    result.resizeTo(layout);
    return result;
  }
}
