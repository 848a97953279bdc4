package io.divan.redb;

import static io.divan.redb.PageNumber.PAGE_BYTES;

import java.util.Optional;

/**
 * The positions of pages within a file. One 4096-byte page holds the header; the regions follow.
 * Each region has its header pages (files of format 3 have none) and its data pages. All regions
 * except the last are full.
 *
 * <pre>
 *   0           header page
 *   4096        region 0: header pages, data pages
 *   4096 + s    region 1: …                       s = (headerPages + regionPages) × 4096
 * </pre>
 *
 * <p>A trailing region may have as many pages as a full region. The two stay distinct, as in redb,
 * which extends files that way.
 *
 * @param headerPages the number of header pages of a region
 * @param regionPages the number of data pages of a full region, 1 to 2^20
 * @param fullRegions the number of full regions
 * @param trailingPages the number of data pages of the trailing region; 0 if there is none
 */
record FileLayout(int headerPages, int regionPages, int fullRegions, int trailingPages) {
  static final int REGION_PAGES_MAX = PageNumber.INDEX_MAX + 1;

  /** The layout of a new file: 1 MiB and one page, in one region that can grow to 4 GiB. */
  static final FileLayout INITIAL = new FileLayout(0, REGION_PAGES_MAX, 0, 257);

  FileLayout {
    if (headerPages < 0
        || headerPages > REGION_PAGES_MAX
        || regionPages < 1
        || regionPages > REGION_PAGES_MAX
        || fullRegions < 0
        || trailingPages < 0
        || trailingPages > regionPages
        || fullRegions == 0 && trailingPages == 0
        || fullRegions + (trailingPages > 0 ? 1L : 0) > PageNumber.REGIONS_MAX) {
      throw new IllegalArgumentException(
          "invalid layout: "
              + headerPages
              + ", "
              + regionPages
              + ", "
              + fullRegions
              + ", "
              + trailingPages);
    }
  }

  /**
   * Returns the layout of a file with this length.
   *
   * @throws RedbException.Corrupted if no layout has this length
   */
  static FileLayout ofFileLength(long length, int headerPages, int regionPages) {
    long regionBytes = ((long) headerPages + regionPages) * PAGE_BYTES;
    long most = PAGE_BYTES + PageNumber.REGIONS_MAX * regionBytes;
    long least = PAGE_BYTES * (headerPages + 2L);
    if (length < least || length > most) {
      throw lengthOfNoLayout(length);
    }
    long full = (length - PAGE_BYTES) / regionBytes;
    long rest = (length - PAGE_BYTES) % regionBytes;
    long trailing = Math.max(0, rest / PAGE_BYTES - headerPages);
    FileLayout layout = new FileLayout(headerPages, regionPages, (int) full, (int) trailing);
    if (layout.fileBytes() != length) {
      throw lengthOfNoLayout(length);
    }
    return layout;
  }

  private static RedbException.Corrupted lengthOfNoLayout(long length) {
    return new RedbException.Corrupted(
        "the file has " + length + " bytes, which no layout has: another program truncated or "
            + "extended it");
  }

  int regions() {
    return fullRegions + (trailingPages > 0 ? 1 : 0);
  }

  /** Returns the number of data pages of a region. */
  int pages(int region) {
    return region < fullRegions ? regionPages : trailingPages;
  }

  /** Returns the number of data pages of all regions. */
  long pages() {
    return (long) fullRegions * regionPages + trailingPages;
  }

  /** Returns the length of the file. */
  long fileBytes() {
    int last = regions() - 1;
    return regionAddress(last) + (long) (headerPages + pages(last)) * PAGE_BYTES;
  }

  private long regionAddress(int region) {
    return PAGE_BYTES + region * ((long) headerPages + regionPages) * PAGE_BYTES;
  }

  /** Returns whether the whole page lies within the file. */
  boolean contains(long page) {
    int order = PageNumber.order(page);
    int region = PageNumber.region(page);
    return order <= PageNumber.ORDER_MAX
        && region < regions()
        && (PageNumber.index(page) + 1L) << order <= pages(region);
  }

  /** Returns the file position of a page for which {@link #contains} is true. */
  long address(long page) {
    long first = (long) PageNumber.index(page) << PageNumber.order(page);
    return regionAddress(PageNumber.region(page)) + (headerPages + first) * PAGE_BYTES;
  }

  /** Returns the number of 4096-byte pages before this page. */
  long place(long page) {
    return (long) PageNumber.region(page) * regionPages
        + ((long) PageNumber.index(page) << PageNumber.order(page));
  }

  /**
   * Returns the layout to which redb extends a file that lacks a page of this order: twice the size
   * while there is one region, then one region at a time. Empty if no region can be added.
   */
  Optional<FileLayout> grown(int order) {
    long needed = 1L << order;
    long pages = pages();
    if (fullRegions == 0) {
      return ofPages(Math.max(pages * 2, pages + needed * 2));
    }
    if (trailingPages == 0) {
      return ofPages(pages + regionPages);
    }
    long left = (long) regionPages - trailingPages;
    return ofPages(2 * needed < left ? pages + left : pages + left + regionPages);
  }

  /**
   * Returns the smallest layout with one more page of this order at its end, for disks without
   * space for {@link #grown}. Empty if a region cannot hold such a page.
   */
  Optional<FileLayout> grownLeast(int order) {
    long needed = 1L << order;
    if (needed > regionPages || fullRegions == PageNumber.REGIONS_MAX) {
      return Optional.empty();
    }
    long end = Math.ceilDiv(trailingPages, needed) * needed + needed;
    if (end <= regionPages) {
      return Optional.of(new FileLayout(headerPages, regionPages, fullRegions, (int) end));
    }
    return ofPages((fullRegions + 1L) * regionPages + needed);
  }

  private Optional<FileLayout> ofPages(long pages) {
    if (pages <= regionPages) {
      return Optional.of(new FileLayout(headerPages, regionPages, 0, (int) pages));
    }
    long full = pages / regionPages;
    int trailing = (int) (pages % regionPages);
    return full + (trailing > 0 ? 1 : 0) > PageNumber.REGIONS_MAX
        ? Optional.empty()
        : Optional.of(new FileLayout(headerPages, regionPages, (int) full, trailing));
  }

  /**
   * Returns the layout to which redb shortens a file: if at least half of the last region is free
   * at its end, it cuts off half of those free pages.
   *
   * @param trailingFree the number of free pages at the end of the last region
   * @param most whether to cut off as many pages as possible, however few are free; one page always
   *     stays
   * @return empty if the length does not change
   */
  Optional<FileLayout> shrunk(int trailingFree, boolean most) {
    int last = pages(regions() - 1);
    if (trailingFree == 0 || !most && trailingFree < last / 2) {
      return Optional.empty();
    }
    int less;
    if (regions() > 1 && trailingFree == last) {
      less = trailingFree;
    } else {
      less = most ? Math.min(last - 1, trailingFree) : trailingFree / 2;
    }
    if (less == 0) {
      return Optional.empty();
    }
    return Optional.of(
        trailingPages > 0
            ? new FileLayout(headerPages, regionPages, fullRegions, trailingPages - less)
            : new FileLayout(headerPages, regionPages, fullRegions - 1, regionPages - less));
  }
}
