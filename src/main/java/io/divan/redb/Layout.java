package io.divan.redb;

import static io.divan.redb.PageNumber.PAGE_BYTES;

import java.util.Optional;

/**
 * Where the pages of a file lie. One page of 4096 bytes with the header, then the regions: each has
 * its own header pages (files of format 3 have none) and its data pages. All regions but the last
 * one are full.
 *
 * <pre>
 *   0           header page
 *   4096        region 0: header pages, data pages
 *   4096 + s    region 1: …                       s = (headerPages + regionPages) × 4096
 * </pre>
 *
 * <p>A trailing region may have as many pages as a full one: the two are kept apart, as redb does
 * where it extends files.
 *
 * @param headerPages how many pages stand before the data of a region
 * @param regionPages data pages of a full region, 1 to 2^20
 * @param fullRegions how many regions are full
 * @param trailingPages data pages of the region behind them; 0 when there is none
 */
record Layout(int headerPages, int regionPages, int fullRegions, int trailingPages) {
  static final int REGION_PAGES_MAX = PageNumber.INDEX_MAX + 1;

  /** A new file's: 1 MiB and a page, in one region that may become 4 GiB. */
  static final Layout INITIAL = new Layout(0, REGION_PAGES_MAX, 0, 257);

  Layout {
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
          "no layout: "
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
   * The layout that a file of this length must have.
   *
   * @throws RedbException.Corrupted when none has this length
   */
  static Layout ofFileLength(long length, int headerPages, int regionPages) {
    long regionBytes = ((long) headerPages + regionPages) * PAGE_BYTES;
    long most = PAGE_BYTES + PageNumber.REGIONS_MAX * regionBytes;
    long least = PAGE_BYTES * (headerPages + 2L);
    if (length < least || length > most) {
      throw lengthOfNoLayout(length);
    }
    long full = (length - PAGE_BYTES) / regionBytes;
    long rest = (length - PAGE_BYTES) % regionBytes;
    long trailing = Math.max(0, rest / PAGE_BYTES - headerPages);
    Layout layout = new Layout(headerPages, regionPages, (int) full, (int) trailing);
    if (layout.fileBytes() != length) {
      throw lengthOfNoLayout(length);
    }
    return layout;
  }

  private static RedbException.Corrupted lengthOfNoLayout(long length) {
    return new RedbException.Corrupted(
        "the file has " + length + " bytes, which no database of its kind has: it was cut off or "
            + "extended by somebody else");
  }

  int regions() {
    return fullRegions + (trailingPages > 0 ? 1 : 0);
  }

  /** The data pages of one region. */
  int pages(int region) {
    return region < fullRegions ? regionPages : trailingPages;
  }

  /** The data pages of all regions. */
  long pages() {
    return (long) fullRegions * regionPages + trailingPages;
  }

  /** The file's length. */
  long fileBytes() {
    int last = regions() - 1;
    return regionAddress(last) + (long) (headerPages + pages(last)) * PAGE_BYTES;
  }

  private long regionAddress(int region) {
    return PAGE_BYTES + region * ((long) headerPages + regionPages) * PAGE_BYTES;
  }

  /** Whether the whole page lies within the file. */
  boolean contains(long page) {
    int order = PageNumber.order(page);
    int region = PageNumber.region(page);
    return order <= PageNumber.ORDER_MAX
        && region < regions()
        && (PageNumber.index(page) + 1L) << order <= pages(region);
  }

  /** The position of a page that it {@link #contains}. */
  long address(long page) {
    long first = (long) PageNumber.index(page) << PageNumber.order(page);
    return regionAddress(PageNumber.region(page)) + (headerPages + first) * PAGE_BYTES;
  }

  /** How many pages of 4096 bytes lie before this one. */
  long place(long page) {
    return (long) PageNumber.region(page) * regionPages
        + ((long) PageNumber.index(page) << PageNumber.order(page));
  }

  /**
   * The layout that redb extends a file to when it lacks a page of this order: twice the size while
   * it has one region, then region by region. Nothing when there can be no more regions.
   */
  Optional<Layout> grown(int order) {
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
   * The smallest layout with another page of this order at its end; for disks that have no space
   * for more. Nothing when a region cannot hold such a page.
   */
  Optional<Layout> grownLeast(int order) {
    long needed = 1L << order;
    if (needed > regionPages || fullRegions == PageNumber.REGIONS_MAX) {
      return Optional.empty();
    }
    long end = Math.ceilDiv(trailingPages, needed) * needed + needed;
    if (end <= regionPages) {
      return Optional.of(new Layout(headerPages, regionPages, fullRegions, (int) end));
    }
    return ofPages((fullRegions + 1L) * regionPages + needed);
  }

  private Optional<Layout> ofPages(long pages) {
    if (pages <= regionPages) {
      return Optional.of(new Layout(headerPages, regionPages, 0, (int) pages));
    }
    long full = pages / regionPages;
    int trailing = (int) (pages % regionPages);
    return full + (trailing > 0 ? 1 : 0) > PageNumber.REGIONS_MAX
        ? Optional.empty()
        : Optional.of(new Layout(headerPages, regionPages, (int) full, trailing));
  }

  /**
   * The layout that redb shortens a file to: half of the free pages at the end of the last region
   * go once they are half of it.
   *
   * @param trailingFree how many pages at the end of the last region are free
   * @param most whether as many as possible go, however few they are; one always stays
   * @return nothing when the file stays as long as it is
   */
  Optional<Layout> shrunk(int trailingFree, boolean most) {
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
            ? new Layout(headerPages, regionPages, fullRegions, trailingPages - less)
            : new Layout(headerPages, regionPages, fullRegions - 1, regionPages - less));
  }
}
