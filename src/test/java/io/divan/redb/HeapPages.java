package io.divan.redb;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Pages in memory, for tests of trees. A strict one is as unkind as an implementation may be: every
 * read comes from disk; what is written to an array of {@link #change} after another call is lost;
 * own pages that are freed are overwritten; pages that are not own, and have changed, are found at
 * the commit; a page that is not there cannot be read.
 */
final class HeapPages implements Pages {
  private static final int ORDERS = PageNumber.ORDER_MAX + 1;

  /** Pages of one order. */
  private static final class Pool {
    private final List<byte[]> contents = new ArrayList<>();
    private long[] madeAt = new long[64];
    private int[] hashes = new int[64];
    private final BitSet live = new BitSet();
    private final Deque<Integer> free = new ArrayDeque<>();
  }

  private final Pool[] pools = new Pool[ORDERS];
  private final boolean strict;
  private final List<Long> given = new ArrayList<>();
  private final List<Long> made = new ArrayList<>();
  private final List<Long> pending = new ArrayList<>();
  private final List<long[]> marks = new ArrayList<>();
  private boolean lowest;
  private long reads;
  private int allocationsLeft = Integer.MAX_VALUE;
  private long clock = 1;
  private long ownSince = 1;

  HeapPages(boolean strict) {
    this.strict = strict;
    for (int order = 0; order < ORDERS; order++) {
      pools[order] = new Pool();
    }
  }

  private static int slot(long page) {
    int order = PageNumber.order(page);
    return PageNumber.region(page) * (1 << (PageNumber.ORDER_MAX - order)) + PageNumber.index(page);
  }

  private static long page(int order, int slot) {
    int perRegion = 1 << (PageNumber.ORDER_MAX - order);
    return PageNumber.of(slot / perRegion, slot % perRegion, order);
  }

  private Pool pool(long page) {
    int order = PageNumber.order(page);
    if (order < ORDERS && slot(page) >= 0 && slot(page) < pools[order].contents.size()) {
      return pools[order];
    }
    throw new RedbException.Corrupted("there is no page " + PageNumber.text(page));
  }

  @Override
  public byte[] read(long page, Check check) {
    settle();
    reads++;
    Pool pool = pool(page);
    byte[] content = pool.contents.get(slot(page));
    if (strict) {
      if (!pool.live.get(slot(page))) {
        throw new RedbException.Corrupted("page " + PageNumber.text(page) + " is free");
      }
      check.check(page, content);
    }
    return content;
  }

  @Override
  public boolean isOwn(long page) {
    settle();
    return pool(page).madeAt[slot(page)] >= ownSince;
  }

  @Override
  public byte[] change(long page) {
    settle();
    Pool pool = pool(page);
    assertThat(isOwn(page)).as("page %s is own", PageNumber.text(page)).isTrue();
    if (strict) {
      given.add(page);
    }
    return pool.contents.get(slot(page));
  }

  /** From now on arrays of {@link #change} are no longer those of the pages. */
  private void settle() {
    for (long page : given) {
      List<byte[]> contents = pools[PageNumber.order(page)].contents;
      contents.set(slot(page), contents.get(slot(page)).clone());
    }
    given.clear();
  }

  @Override
  public long allocate(long bytes) {
    settle();
    if (allocationsLeft-- <= 0) {
      throw new RedbException.Full("no page is left", new IOException("no space"));
    }
    int order = PageNumber.orderFor(bytes);
    Pool pool = pools[order];
    Integer slot = lowest ? lowest(pool) : pool.free.pollLast();
    if (slot == null) {
      slot = pool.contents.size();
      pool.contents.add(new byte[PageNumber.PAGE_BYTES << order]);
      if (slot == pool.madeAt.length) {
        pool.madeAt = Arrays.copyOf(pool.madeAt, 2 * slot);
        pool.hashes = Arrays.copyOf(pool.hashes, 2 * slot);
      }
    } else if (strict) {
      pool.contents.set(slot, new byte[PageNumber.PAGE_BYTES << order]);
    } else {
      Arrays.fill(pool.contents.get(slot), (byte) 0);
    }
    pool.madeAt[slot] = clock++;
    pool.live.set(slot);
    long page = page(order, slot);
    if (strict) {
      made.add(page);
    }
    return page;
  }

  private static Integer lowest(Pool pool) {
    Integer least = pool.free.stream().min(Integer::compare).orElse(null);
    pool.free.remove(least);
    return least;
  }

  @Override
  public void free(long page) {
    settle();
    assertThat(pool(page).live.get(slot(page))).as(PageNumber.text(page)).isTrue();
    if (isOwn(page)) {
      release(page);
    } else {
      pending.add(page);
    }
  }

  private void release(long page) {
    Pool pool = pool(page);
    if (strict) {
      Arrays.fill(pool.contents.get(slot(page)), (byte) 0xEE);
    }
    pool.live.clear(slot(page));
    pool.madeAt[slot(page)] = 0;
    pool.free.add(slot(page));
  }

  /** How often a page was read. */
  long reads() {
    return reads;
  }

  /** Lets so many pages be allocated, and then no more. */
  void limitAllocations(int count) {
    allocationsLeft = count;
  }

  /** From now on the lowest free page is taken. */
  void allocateLowest() {
    lowest = true;
  }

  /** Ends a transaction. Pages of before are compared with what they were. */
  void commit() {
    settle();
    requireFrozen();
    pending.forEach(this::release);
    pending.clear();
    made.clear();
    marks.clear();
    ownSince = clock;
    for (int order = 0; strict && order < ORDERS; order++) {
      Pool pool = pools[order];
      pool.live.stream().forEach(s -> pool.hashes[s] = Arrays.hashCode(pool.contents.get(s)));
    }
  }

  private void requireFrozen() {
    long since = marks.isEmpty() ? ownSince : marks.getFirst()[0];
    for (int order = 0; strict && order < ORDERS; order++) {
      Pool pool = pools[order];
      int at = order;
      pool.live.stream()
          .filter(s -> pool.madeAt[s] < since)
          .forEach(
              s ->
                  assertThat(Arrays.hashCode(pool.contents.get(s)))
                      .as("hash of page %s", PageNumber.text(page(at, s)))
                      .isEqualTo(pool.hashes[s]));
    }
  }

  /** Goes back to the last commit. */
  void rollback() {
    settle();
    requireFrozen();
    if (!marks.isEmpty()) {
      ownSince = marks.getFirst()[0];
      marks.clear();
    }
    undo(ownSince);
    pending.clear();
  }

  private void undo(long since) {
    for (long page : made) {
      long at = pool(page).madeAt[slot(page)];
      if (pool(page).live.get(slot(page)) && at >= since) {
        release(page);
      }
    }
  }

  /** Pages of before are not own until the mark is kept. */
  void mark() {
    settle();
    marks.add(new long[] {ownSince, pending.size()});
    ownSince = clock;
  }

  void rollbackToMark() {
    settle();
    undo(ownSince);
    long[] mark = marks.removeLast();
    pending.subList((int) mark[1], pending.size()).clear();
    ownSince = mark[0];
  }

  void keepMark() {
    ownSince = marks.removeLast()[0];
  }

  /** All pages there are, but those that were given up. */
  Set<Long> live() {
    Set<Long> result = new HashSet<>();
    for (int order = 0; order < ORDERS; order++) {
      int at = order;
      pools[order].live.stream().forEach(s -> result.add(page(at, s)));
    }
    result.removeAll(pending);
    return result;
  }

  /** Bytes of all pages there are. */
  long bytes() {
    return live().stream().mapToLong(PageNumber::bytes).sum();
  }

  /** The array of a page, to do what nobody should. */
  byte[] raw(long page) {
    settle();
    return pool(page).contents.get(slot(page));
  }
}
