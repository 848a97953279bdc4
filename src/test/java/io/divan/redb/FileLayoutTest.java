package io.divan.redb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FileLayoutTest {
  private static final long SEED = Long.getLong("divan.seed", 17);

  @Test
  void initial_equalsRedbsFirstLayout() {
    assertThat(FileLayout.INITIAL.fileBytes()).isEqualTo(4096 + 1_048_576 + 4096);
    assertThat(FileLayout.INITIAL.regions()).isEqualTo(1);
  }

  /**
   * Full regions, trailing pages, order → full regions, trailing pages; with 100 pages per region.
   */
  @ParameterizedTest
  @CsvSource({
    "0, 10, 0, 0, 20",
    "0, 10, 5, 0, 74",
    "0, 50, 0, 0, 100",
    "0, 60, 0, 1, 20",
    "0, 100, 0, 2, 0",
    "1, 0, 3, 2, 0",
    "1, 20, 0, 2, 0",
    "1, 84, 3, 3, 0",
    "1, 83, 3, 2, 0",
    "3, 100, 0, 5, 0"
  })
  void grown_byRedbsRule(int full, int trailing, int order, int nextFull, int nextTrailing) {
    assertThat(new FileLayout(2, 100, full, trailing).grown(order))
        .contains(new FileLayout(2, 100, nextFull, nextTrailing));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 10, 0, 0, 11",
    "0, 10, 3, 0, 24",
    "0, 96, 2, 0, 100",
    "0, 97, 2, 1, 4",
    "0, 100, 0, 1, 1",
    "2, 0, 6, 2, 64"
  })
  void grownLeast_hasOnePageMore(int full, int trailing, int order, int nextFull, int next) {
    assertThat(new FileLayout(2, 100, full, trailing).grownLeast(order))
        .contains(new FileLayout(2, 100, nextFull, next));
  }

  @Test
  void grown_beyondTheLastRegion_isEmpty() {
    FileLayout last = new FileLayout(0, 8, PageNumber.REGIONS_MAX, 0);
    assertThat(last.grown(0)).isEmpty();
    assertThat(last.grownLeast(0)).isEmpty();
    assertThat(FileLayout.ofFileLength(last.fileBytes(), 0, 8)).isEqualTo(last);
    assertThat(new FileLayout(0, 8, 0, 4).grownLeast(4)).isEmpty();
  }

  /** Full regions, trailing pages, free pages at the end, most → full regions, trailing pages. */
  @ParameterizedTest
  @CsvSource({
    "0, 80, 40, false, 0, 60",
    "0, 81, 40, false, 0, 61",
    "0, 80, 10, true, 0, 70",
    "0, 80, 80, true, 0, 1",
    "1, 80, 80, false, 1, 0",
    "2, 0, 100, false, 1, 0",
    "2, 0, 60, false, 1, 70",
    "1, 0, 100, true, 0, 1"
  })
  void shrunk_byRedbsRule(
      int full, int trailing, int free, boolean most, int nextFull, int nextTrailing) {
    assertThat(new FileLayout(0, 100, full, trailing).shrunk(free, most))
        .contains(new FileLayout(0, 100, nextFull, nextTrailing));
  }

  @Test
  void shrunk_fewFreePages_isEmpty() {
    assertThat(new FileLayout(0, 100, 0, 80).shrunk(39, false)).isEmpty();
    assertThat(new FileLayout(0, 100, 0, 80).shrunk(0, true)).isEmpty();
    assertThat(new FileLayout(0, 100, 0, 1).shrunk(1, true)).isEmpty();
    assertThat(new FileLayout(0, 100, 0, 1).shrunk(1, false)).isEmpty();
  }

  @Test
  void ofFileLength_ofAnyLayout_isThatLayout() {
    Random random = new Random(SEED);
    for (int i = 0; i < 10_000; i++) {
      int pages = 1 + random.nextInt(1 << random.nextInt(1, 21));
      int trailing = random.nextInt(pages);
      int full = random.nextInt(trailing == 0 ? 1 : 0, 1 << random.nextInt(2, 20));
      FileLayout layout = new FileLayout(random.nextInt(3), pages, full, trailing);
      assertThat(FileLayout.ofFileLength(layout.fileBytes(), layout.headerPages(), pages))
          .as("seed %d", SEED)
          .isEqualTo(layout);
    }
  }

  @Test
  void ofFileLength_invalidLength_isCorrupted() {
    for (long length : new long[] {0, 4096, 8191, 8193, 4096 + 50_000, 4096 + 12 * 4096, -1}) {
      assertThatThrownBy(() -> FileLayout.ofFileLength(length, 1, 10))
          .as("%d", length)
          .isInstanceOf(RedbException.Corrupted.class)
          .hasMessageContaining("bytes");
    }
    assertThatThrownBy(() -> FileLayout.ofFileLength(Long.MAX_VALUE, 0, 1))
        .isInstanceOf(RedbException.Corrupted.class);
  }

  @Test
  void address_ofNeighbours_isContiguous() {
    FileLayout layout = new FileLayout(3, 16, 2, 5);
    long expected = 4096;
    for (int region = 0; region < 3; region++) {
      expected += 3 * 4096;
      for (int index = 0; index < layout.pages(region); index++) {
        assertThat(layout.address(PageNumber.of(region, index, 0))).isEqualTo(expected);
        expected += 4096;
      }
    }
    assertThat(layout.fileBytes()).isEqualTo(expected);
    assertThat(layout.address(PageNumber.of(1, 3, 2)))
        .isEqualTo(layout.address(PageNumber.of(1, 12, 0)));
  }

  @Test
  void contains_pageThatReachesBeyondTheEnd_isFalse() {
    FileLayout layout = new FileLayout(0, 16, 1, 5);
    assertThat(layout.contains(PageNumber.of(0, 0, 4))).isTrue();
    assertThat(layout.contains(PageNumber.of(0, 1, 4))).isFalse();
    assertThat(layout.contains(PageNumber.of(1, 4, 0))).isTrue();
    assertThat(layout.contains(PageNumber.of(1, 5, 0))).isFalse();
    assertThat(layout.contains(PageNumber.of(1, 1, 2))).isFalse();
    assertThat(layout.contains(PageNumber.of(2, 0, 0))).isFalse();
    assertThat(layout.contains(-1)).isFalse();
  }

  @Test
  void new_invalidLayout_isRejected() {
    assertThatThrownBy(() -> new FileLayout(0, 10, 0, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new FileLayout(0, 10, 0, 11))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new FileLayout(0, 1 << 21, 1, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
