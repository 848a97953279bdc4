package io.divan.redb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class AllocatorsTest {
  private static final long SEED = Long.getLong("divan.seed", 41);

  static List<String> samples() {
    return StoredAllocators.NAMES;
  }

  @ParameterizedTest
  @MethodSource("samples")
  void load_stateOfRedb_isSavedAsItWas(String name) {
    StoredAllocators stored = StoredAllocators.of(name);
    for (byte[] region : stored.regions) {
      assertThat(BuddyAllocator.read(region, stored.opened.header().layout().regionPages()).write())
          .isEqualTo(region);
    }
    assertThat(RegionTracker.read(stored.tracker).write()).isEqualTo(stored.tracker);
  }

  /**
   * The bytes depend only on which pages are allocated, so redb computes the same after a repair.
   */
  @ParameterizedTest
  @MethodSource("samples")
  void markAllocated_pagesOfRedb_savesWhatRedbSaved(String name) {
    StoredAllocators stored = StoredAllocators.of(name);
    FileLayout closed = stored.opened.header().layout();
    // redb shortens the file after it has saved the state of its last region.
    int last = BuddyAllocator.read(stored.regions.getLast(), closed.regionPages()).pages();
    FileLayout layout = new FileLayout(0, closed.regionPages(), closed.fullRegions(), last);
    Allocators loaded = Allocators.load(layout, stored.regions, stored.tracker);
    Allocators built = new Allocators(layout);
    for (int region = 0; region < layout.regions(); region++) {
      for (int index = layout.pages(region) - 1; index >= 0; index--) {
        long page = PageNumber.of(region, index, 0);
        if (loaded.isAllocated(page)) {
          built.markAllocated(page);
        }
      }
    }
    assertThat(built.firstDifference(loaded)).isEqualTo(-1);
    assertThat(built.allocatedPages()).isPositive().isEqualTo(loaded.allocatedPages());
    for (int region = 0; region < layout.regions(); region++) {
      assertThat(built.saveRegion(region)).isEqualTo(stored.regions.get(region));
      assertThat(built.saveRegion(region)).hasSize(built.regionBytes(region));
    }
    long pagesBefore = loaded.allocatedPages();
    loaded = Allocators.load(closed, stored.regions, stored.tracker);
    assertThat(loaded.allocatedPages()).isEqualTo(pagesBefore);
    assertThat(loaded.freePages()).isEqualTo(closed.pages() - pagesBefore);
    assertThat(loaded.isAllocated(stored.opened.header().primary().system().orElseThrow().page()))
        .isTrue();
  }

  @Test
  void load_allocatedPagesBeyondTheEnd_isCorrupted() {
    StoredAllocators stored = StoredAllocators.of("churned");
    FileLayout shorter = new FileLayout(0, 1 << 20, 0, 3);
    assertThatThrownBy(() -> Allocators.load(shorter, stored.regions, stored.tracker))
        .isInstanceOf(RedbException.Corrupted.class)
        .hasMessageContaining("beyond the end");
    assertThatThrownBy(() -> Allocators.load(shorter, List.of(), stored.tracker))
        .isInstanceOf(RedbException.Corrupted.class);
    assertThatThrownBy(() -> Allocators.load(shorter, stored.regions, new byte[80]))
        .isInstanceOf(RedbException.Corrupted.class);
  }

  @Test
  void load_trackerWithoutFreeRegions_findsTheirPages() {
    FileLayout layout = new FileLayout(0, 16, 3, 0);
    Allocators empty = new Allocators(layout);
    List<byte[]> regions = List.of(empty.saveRegion(0), empty.saveRegion(1), empty.saveRegion(2));
    RegionTracker forgot = new RegionTracker(3);
    Allocators loaded = Allocators.load(layout, regions, forgot.write());
    Set<Integer> found = new HashSet<>();
    for (int i = 0; i < 3; i++) {
      found.add(PageNumber.region(loaded.allocate(4, Long.MAX_VALUE)));
    }
    assertThat(found).containsExactlyInAnyOrder(0, 1, 2);
    assertThat(loaded.allocate(0, Long.MAX_VALUE)).isEqualTo(-1);
  }

  @Test
  void readTracker_changedBytes_isReadOrCorrupted() {
    Allocators allocators = new Allocators(new FileLayout(0, 16, 1200, 0));
    byte[] bytes = allocators.saveTracker();
    assertThat(bytes).hasSize(allocators.trackerBytes());
    Random random = new Random(SEED);
    int refused = 0;
    for (int at = 0; at < bytes.length; at++) {
      byte[] changed = bytes.clone();
      changed[at] ^= (byte) (1 << random.nextInt(8));
      try {
        RegionTracker.read(changed).findFree(0);
      } catch (RedbException.Corrupted e) {
        refused++;
      }
    }
    assertThat(refused).isPositive();
    assertThatThrownBy(() -> RegionTracker.read(Arrays.copyOf(bytes, bytes.length / 2)))
        .isInstanceOf(RedbException.Corrupted.class);
  }

  @Test
  void tracker_ofANewFile_hasTheSizeThatRedbReserves() {
    assertThat(new Allocators(FileLayout.INITIAL).trackerBytes())
        .isEqualTo(StoredAllocators.of("quick").tracker.length);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void randomSteps_noPageTwiceAndNoneLost(int nth) {
    Random random = new Random(SEED * 31 + nth);
    String context = "seed " + SEED + ", " + nth;
    Allocators allocators = new Allocators(new FileLayout(nth % 2, 128, 0, 40));
    List<Long> taken = new ArrayList<>();
    Set<Long> base = new HashSet<>();
    for (int step = 0; step < 4_000; step++) {
      boolean growing = step / 1000 % 2 == 0;
      int order = random.nextInt(random.nextInt(1, 8));
      if (random.nextInt(10) < (growing ? 7 : 3)) {
        long page = allocators.allocate(order, Long.MAX_VALUE);
        if (page < 0) {
          FileLayout layout = allocators.layout();
          FileLayout grown =
              (random.nextBoolean() ? layout.grown(order) : layout.grownLeast(order)).orElseThrow();
          allocators.resizeTo(grown);
          page = allocators.allocate(order, Long.MAX_VALUE);
        }
        assertThat(page).as(context).isGreaterThanOrEqualTo(0);
        assertThat(allocators.layout().contains(page)).as(context).isTrue();
        taken.add(page);
        for (long part : parts(page)) {
          assertThat(base.add(part)).as(context).isTrue();
        }
      } else if (!taken.isEmpty()) {
        long page = taken.remove(random.nextInt(taken.size()));
        allocators.free(page);
        base.removeAll(parts(page));
      }
      if (step % 20 == 0) {
        allocators.shrunk(random.nextBoolean()).ifPresent(allocators::resizeTo);
      }
      assertThat(allocators.allocatedPages()).as(context).isEqualTo(base.size());
    }
    assertRebuilt(allocators, taken, context);
    taken.forEach(allocators::free);
    assertThat(allocators.freePages()).as(context).isEqualTo(allocators.layout().pages());
  }

  private static List<Long> parts(long page) {
    List<Long> parts = new ArrayList<>();
    int order = PageNumber.order(page);
    for (int i = 0; i < 1 << order; i++) {
      parts.add(PageNumber.of(PageNumber.region(page), (PageNumber.index(page) << order) + i, 0));
    }
    return parts;
  }

  private static void assertRebuilt(Allocators allocators, List<Long> taken, String context) {
    Allocators rebuilt = new Allocators(allocators.layout());
    taken.forEach(rebuilt::markAllocated);
    List<byte[]> saved = new ArrayList<>();
    for (int region = 0; region < allocators.regions(); region++) {
      saved.add(allocators.saveRegion(region));
      assertThat(saved.get(region)).as(context).isEqualTo(rebuilt.saveRegion(region));
    }
    Allocators loaded = Allocators.load(allocators.layout(), saved, allocators.saveTracker());
    assertThat(loaded.firstDifference(allocators)).as(context).isEqualTo(-1);
    for (long page : taken) {
      assertThatThrownBy(() -> rebuilt.markAllocated(page))
          .isInstanceOf(RedbException.Corrupted.class)
          .hasMessageContaining(PageNumber.text(page));
    }
  }

  @Test
  void free_pageThatIsNotAllocated_isCorrupted() {
    Allocators allocators = new Allocators(FileLayout.INITIAL);
    long page = allocators.allocate(3, Long.MAX_VALUE);
    allocators.free(page);
    for (long wrong : new long[] {page, PageNumber.of(1, 0, 0), PageNumber.of(0, 257, 0), -1}) {
      assertThatThrownBy(() -> allocators.free(wrong))
          .isInstanceOf(RedbException.Corrupted.class)
          .hasMessageContaining(PageNumber.text(wrong));
    }
    assertThatThrownBy(() -> allocators.markAllocated(PageNumber.of(0, 128, 1)))
        .isInstanceOf(RedbException.Corrupted.class)
        .hasMessageContaining("outside");
  }

  @Test
  void allocate_orderThatNoRegionHolds_returnsMinusOne() {
    Allocators allocators = new Allocators(new FileLayout(0, 16, 2, 0));
    assertThat(allocators.orderMax()).isEqualTo(4);
    assertThat(allocators.allocate(5, Long.MAX_VALUE)).isEqualTo(-1);
    assertThat(allocators.allocate(4, Long.MAX_VALUE)).isEqualTo(PageNumber.of(0, 0, 4));
  }

  @Test
  void resizeTo_allocatedPagesCutOff_isRejected() {
    Allocators allocators = new Allocators(new FileLayout(0, 16, 2, 0));
    allocators.markAllocated(PageNumber.of(1, 9, 0));
    assertThatThrownBy(() -> allocators.resizeTo(new FileLayout(0, 16, 1, 9)))
        .isInstanceOf(IllegalStateException.class);
    allocators.resizeTo(new FileLayout(0, 16, 1, 10));
    assertThat(allocators.freePages()).isEqualTo(25);
    assertThat(allocators.shrunk(false)).isEmpty();
  }

  @Test
  void resizeTo_moreRegionsThanTheTrackerKnew_areFound() {
    Allocators allocators = new Allocators(new FileLayout(0, 1, 1000, 0));
    for (int i = 0; i < 1000; i++) {
      assertThat(allocators.allocate(0, Long.MAX_VALUE)).isEqualTo(PageNumber.of(i, 0, 0));
    }
    assertThat(allocators.allocate(0, Long.MAX_VALUE)).isEqualTo(-1);
    allocators.resizeTo(allocators.layout().grown(0).orElseThrow());
    assertThat(allocators.allocate(0, Long.MAX_VALUE)).isEqualTo(PageNumber.of(1000, 0, 0));
  }
}
