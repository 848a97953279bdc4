package io.divan.redb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BuddyAllocatorTest {
  private static final long SEED = Long.getLong("divan.seed", 31);

  /** A simple model: the set of allocated pages, searched for every call. */
  private static final class Model {
    private final int capacity;
    private final BitSet used = new BitSet();
    private int pages;

    Model(int pages, int capacity) {
      this.pages = pages;
      this.capacity = capacity;
    }

    boolean isFree(int index, int order) {
      int from = index << order;
      int to = from + (1 << order);
      int next = used.nextSetBit(from);
      return to <= pages && (next < 0 || next >= to);
    }

    /** Returns the first free page of an order that is not part of a larger free block. */
    private int firstBlock(int order) {
      for (int index = 0; (index + 1) << order <= pages; index++) {
        boolean within =
            1 << (order + 1) <= Integer.highestOneBit(capacity) && isFree(index / 2, order + 1);
        if (isFree(index, order) && !within) {
          return index;
        }
      }
      return -1;
    }

    int alloc(int order, int below) {
      int end = Math.min(below, used.length());
      for (int k = order; 1 << k <= capacity; k++) {
        int block = firstBlock(k);
        if (block >= 0 && block << k < end) {
          return block << (k - order);
        }
      }
      for (int index = 0; (index + 1) << order <= pages; index++) {
        if (isFree(index, order)) {
          return index;
        }
      }
      return -1;
    }

    void set(int index, int order, boolean value) {
      used.set(index << order, (index + 1) << order, value);
    }

    int trailing() {
      return pages - used.length();
    }

    /** Returns an allocator with the same allocated pages, allocated in another order. */
    BuddyAllocator rebuilt() {
      BuddyAllocator buddy = new BuddyAllocator(pages, capacity);
      for (int page = pages - 1; page >= 0; page--) {
        if (used.get(page)) {
          assertThat(buddy.recordAlloc(page, 0)).isTrue();
        }
      }
      return buddy;
    }
  }

  private record Taken(int index, int order) {}

  @ParameterizedTest
  @CsvSource({"1, 1", "64, 64", "100, 100", "37, 4096", "700, 1000", "65, 1048576"})
  void randomSteps_equalTheModel(int pages, int capacity) {
    Random random = new Random(SEED + pages);
    BuddyAllocator buddy = new BuddyAllocator(pages, capacity);
    Model model = new Model(pages, capacity);
    List<Taken> taken = new ArrayList<>();
    for (int step = 0; step < 3_000; step++) {
      String context = "seed " + SEED + ", step " + step;
      int order = random.nextInt(random.nextInt(1, 8));
      switch (random.nextInt(6)) {
        case 0, 1 -> {
          int below = random.nextBoolean() ? pages : random.nextInt(pages);
          int expected = model.alloc(order, below);
          int index = buddy.alloc(order, below);
          assertThat(index).as(context).isEqualTo(expected);
          if (index >= 0) {
            model.set(index, order, true);
            taken.add(new Taken(index, order));
          }
        }
        case 2 -> {
          int index = random.nextInt((pages >> order) + 2);
          boolean free = model.isFree(index, order);
          assertThat(buddy.isAllocated(index, order))
              .as(context)
              .isEqualTo(isUsedWhole(model, index, order));
          assertThat(buddy.recordAlloc(index, order)).as(context).isEqualTo(free);
          if (free) {
            model.set(index, order, true);
            taken.add(new Taken(index, order));
          }
        }
        case 3, 4 -> {
          if (!taken.isEmpty()) {
            Taken back = taken.remove(random.nextInt(taken.size()));
            model.set(back.index(), back.order(), false);
            int merged = buddy.free(back.index(), back.order());
            assertThat(merged).as(context).isGreaterThanOrEqualTo(back.order());
            assertThat(buddy.free(back.index(), back.order())).as(context).isEqualTo(-1);
          }
        }
        default -> resize(buddy, model, random, capacity);
      }
      assertThat(buddy.allocatedPages()).as(context).isEqualTo(model.used.cardinality());
      assertThat(buddy.trailingFreePages()).as(context).isEqualTo(model.trailing());
      if (step % 50 == 0) {
        byte[] bytes = buddy.write();
        assertThat(bytes).as(context).isEqualTo(model.rebuilt().write());
        assertThat(bytes).as(context).hasSize(buddy.byteCount());
        buddy = BuddyAllocator.read(bytes, capacity);
        assertThat(buddy.write()).as(context).isEqualTo(bytes);
        assertThat(buddy.firstDifference(model.rebuilt())).as(context).isEqualTo(-1);
      }
    }
  }

  private static boolean isUsedWhole(Model model, int index, int order) {
    int from = index << order;
    int to = from + (1 << order);
    return to <= model.pages && model.used.nextClearBit(from) >= to;
  }

  private static void resize(BuddyAllocator buddy, Model model, Random random, int capacity) {
    int least = Math.max(1, model.pages - model.trailing());
    int next = random.nextInt(least, Math.min(capacity, least + 1500) + 1);
    if (least > 1 && random.nextInt(4) == 0) {
      assertThatThrownBy(() -> buddy.resize(least - 1)).isInstanceOf(IllegalStateException.class);
    }
    buddy.resize(next);
    model.pages = next;
    assertThat(buddy.pages()).isEqualTo(next);
  }

  @Test
  void new_largestRegion_hasOneFreeBlock() {
    BuddyAllocator buddy = new BuddyAllocator(1 << 20, 1 << 20);
    assertThat(buddy.highestFreeOrder()).isEqualTo(20);
    assertThat(buddy.freePages()).isEqualTo(1 << 20);
    assertThat(buddy.alloc(20, 1 << 20)).isZero();
    assertThat(buddy.alloc(0, 1 << 20)).isEqualTo(-1);
    assertThat(buddy.highestFreeOrder()).isEqualTo(-1);
    assertThat(buddy.free(0, 20)).isEqualTo(20);
    assertThat(buddy.trailingFreePages()).isEqualTo(1 << 20);
  }

  @Test
  void free_pageThatIsPartlyFree_isRejected() {
    BuddyAllocator buddy = new BuddyAllocator(64, 64);
    assertThat(buddy.recordAlloc(3, 1)).isTrue();
    assertThat(buddy.free(1, 2)).isEqualTo(-1);
    assertThat(buddy.free(0, 0)).isEqualTo(-1);
    assertThat(buddy.free(64, 0)).isEqualTo(-1);
    assertThat(buddy.free(0, 7)).isEqualTo(-1);
    assertThat(buddy.free(7, 0)).isZero();
    assertThat(buddy.free(6, 0)).isEqualTo(6);
  }

  @Test
  void read_changedBytes_isRejectedOrAllocatesNoPageTwice() {
    BuddyAllocator whole = new BuddyAllocator(300, 1000);
    Random random = new Random(SEED);
    for (int i = 0; i < 60; i++) {
      whole.recordAlloc(random.nextInt(300), 0);
    }
    byte[] bytes = whole.write();
    int refused = 0;
    for (int at = 0; at < bytes.length; at++) {
      byte[] changed = bytes.clone();
      changed[at] ^= (byte) (1 << random.nextInt(8));
      try {
        drain(BuddyAllocator.read(changed, 1000), at);
      } catch (RedbException.Corrupted e) {
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(bytes.length / 10);
    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> BuddyAllocator.read(cut, 1000))
          .isInstanceOf(RedbException.Corrupted.class);
    }
  }

  private static void drain(BuddyAllocator buddy, int at) {
    BitSet given = new BitSet();
    int free = buddy.freePages();
    for (int page = buddy.alloc(0, 1 << 20); page >= 0; page = buddy.alloc(0, 1 << 20)) {
      assertThat(page).as("byte %d", at).isLessThan(300);
      assertThat(given.get(page)).as("byte %d, page %d", at, page).isFalse();
      given.set(page);
    }
    assertThat(given.cardinality()).as("byte %d", at).isEqualTo(free);
  }

  @Test
  void firstDifference_onePage_isFound() {
    BuddyAllocator one = new BuddyAllocator(500, 512);
    BuddyAllocator other = new BuddyAllocator(500, 512);
    assertThat(one.firstDifference(other)).isEqualTo(-1);
    other.recordAlloc(77, 1);
    assertThat(one.firstDifference(other)).isEqualTo(154);
    assertThat(new BuddyAllocator(501, 512).firstDifference(one)).isEqualTo(500);
  }
}
