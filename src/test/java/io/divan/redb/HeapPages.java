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
 * In-memory pages for tests of trees. A strict instance is as unforgiving as the contract of {@link
 * Pages} allows: every read comes from disk; bytes written to an array of {@link #change} after
 * another call are lost; freed own pages are overwritten; commit detects changes to pages that are
 * not own; freed pages cannot be read.
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

  /** Detaches the arrays returned by {@link #change} from their pages. */
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

  /** Returns the number of reads. */
  long reads() {
    return reads;
  }

  /** Lets the next {@code count} allocations succeed and all later ones fail. */
  void limitAllocations(int count) {
    allocationsLeft = count;
  }

  /** From now on allocates the lowest free page. */
  void allocateLowest() {
    lowest = true;
  }

  /** Commits. Checks that pages of earlier commits have not changed. */
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
              s -> assertThat(Arrays.hashCode(pool.contents.get(s)))
                  .as("hash of page %s", PageNumber.text(page(at, s)))
                  .isEqualTo(pool.hashes[s]));
    }
  }

  /** Rolls back to the last commit. */
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

  /** Sets a savepoint: earlier pages are not own until it is released or rolled back. */
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

  /** Returns all pages that are in use. */
  Set<Long> live() {
    Set<Long> result = new HashSet<>();
    for (int order = 0; order < ORDERS; order++) {
      int at = order;
      pools[order].live.stream().forEach(s -> result.add(page(at, s)));
    }
    result.removeAll(pending);
    return result;
  }

  /** Returns the total size of the pages in use, in bytes. */
  long bytes() {
    return live().stream().mapToLong(PageNumber::bytes).sum();
  }

  /** Returns the array of a page, for tests that damage it. */
  byte[] raw(long page) {
    settle();
    return pool(page).contents.get(slot(page));
  }
}
