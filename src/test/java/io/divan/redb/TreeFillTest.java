package io.divan.redb;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

/** Tests how full loads leave the pages, and how many pages changes read and allocate. */
class TreeFillTest {
  private static final long SEED = Long.getLong("divan.seed", 31);
  private static final TreeFormat BYTES = SampleFile.STRINGS;
  private static final TreeFormat NUMBERS =
      new TreeFormat(8, TreeFormat.VARIABLE, KeyOrder.LITTLE_ENDIAN);

  private final HeapPages pages = new HeapPages(true);

  private Tree tree(TreeFormat format) {
    return new Tree(pages, format, Optional.empty(), "tree");
  }

  private static byte[] text(String prefix, int number) {
    return (prefix + "%08d".formatted(number)).getBytes(UTF_8);
  }

  private static byte[] number(long number) {
    byte[] result = new byte[8];
    LittleEndian.putInt64(result, 0, number);
    return result;
  }

  /** Returns the number of full leaves that a number of equal pairs needs. */
  private static int fullLeaves(TreeFormat format, int pairs, int keyBytes, int valueBytes) {
    int perLeaf = 0;
    while (format.leafBytes(perLeaf + 1, (long) (perLeaf + 1) * (keyBytes + valueBytes)) <= 4096) {
      perLeaf++;
    }
    return (pairs + perLeaf - 1) / perLeaf;
  }

  private void load(Tree tree, int from, int to, IntFunction<byte[]> key, int valueBytes) {
    for (int i = from; i < to; i++) {
      tree.put(key.apply(i), new byte[valueBytes]);
    }
  }

  private TreeStats commit(Tree tree) {
    tree.seal();
    tree.verify(page -> {});
    pages.commit();
    return tree.stats();
  }

  @Test
  void load_ascendingAtTheRightEdge_fullLeaves() {
    Tree tree = tree(BYTES);
    for (int part = 0; part < 10; part++) {
      load(tree, part * 1_000, (part + 1) * 1_000, i -> text("k", i), 100);
      commit(tree);
    }
    int full = fullLeaves(BYTES, 10_000, 9, 100);
    assertThat(tree.stats().leafPages()).isEqualTo(full);
    // A branch holds at least 110 of these children.
    assertThat(tree.stats().branchPages()).isLessThanOrEqualTo(full / 100 + 2);
  }

  @Test
  void load_ascendingInsideTheTree_fullLeaves() {
    for (int valueBytes : new int[] {20, 100, 1_000, 1_900}) {
      Tree tree = tree(BYTES);
      loadAround(tree, valueBytes);
      long before = commit(tree).leafPages();
      for (int part = 0; part < 6; part++) {
        load(tree, part * 500, (part + 1) * 500, i -> text("m", i), valueBytes);
        commit(tree);
      }
      long added = tree.stats().leafPages() - before;
      assertThat(added)
          .as("values of %s bytes", valueBytes)
          .isLessThanOrEqualTo(fullLeaves(BYTES, 3_000, 9, valueBytes) + 6);
    }
  }

  @Test
  void load_ascendingNumbersInsideTheTree_fullLeaves() {
    Tree tree = tree(NUMBERS);
    load(tree, 0, 1_000, i -> number(i), 100);
    load(tree, 0, 1_000, i -> number(1_000_000L + i), 100);
    long before = commit(tree).leafPages();
    load(tree, 0, 3_000, i -> number(10_000L + i), 100);
    long added = commit(tree).leafPages() - before;
    assertThat(added).isLessThanOrEqualTo(fullLeaves(NUMBERS, 3_000, 8, 100) + 3);
  }

  @Test
  void load_descendingInsideTheTree_fullLeaves() {
    Tree tree = tree(BYTES);
    loadAround(tree, 100);
    long before = commit(tree).leafPages();
    load(tree, 0, 3_000, i -> text("m", 3_000 - i), 100);
    long added = commit(tree).leafPages() - before;
    assertThat(added).isLessThanOrEqualTo(fullLeaves(BYTES, 3_000, 9, 100) + 3);
  }

  /**
   * Adds rows on both sides of a later load, in random order, so that their leaves are not full.
   */
  private void loadAround(Tree tree, int valueBytes) {
    List<byte[]> keys = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      keys.add(text("a", i));
      keys.add(text("z", i));
    }
    Collections.shuffle(keys, new Random(SEED));
    keys.forEach(key -> tree.put(key, new byte[valueBytes]));
  }

  @Test
  void load_keysOfManyLengthsInOrder_fullLeaves() {
    Tree tree = tree(BYTES);
    loadAround(tree, 10);
    commit(tree);
    long before = tree.stats().leafPages();
    Random random = new Random(SEED);
    long bytes = 0;
    for (int i = 0; i < 3_000; i++) {
      byte[] key = text("m%08d".formatted(i) + "x".repeat(random.nextInt(60)), i);
      tree.put(key, new byte[10]);
      bytes += key.length + 18;
    }
    long added = commit(tree).leafPages() - before;
    assertThat(added).isLessThanOrEqualTo(bytes / 4_000 + 3);
  }

  @Test
  void load_randomOrder_leavesMoreThanHalfFull() {
    Tree tree = tree(BYTES);
    shuffled(5_000).forEach(i -> tree.put(text("k", i), new byte[100]));
    TreeStats stats = commit(tree);
    double content = (double) stats.storedBytes() / (4096 * stats.leafPages());
    assertThat(content).as("seed %s", SEED).isBetween(0.60, 0.75);
  }

  @Test
  void remove_ninetyPercentAtRandom_leavesAlmostHalfFull() {
    Tree tree = tree(BYTES);
    List<Integer> order = shuffled(10_000);
    order.forEach(i -> tree.put(text("k", i), new byte[100]));
    commit(tree);
    Collections.shuffle(order, new Random(SEED + 1));
    order.subList(0, 9_000).forEach(i -> tree.remove(text("k", i)));
    TreeStats stats = commit(tree);
    double content = (double) stats.storedBytes() / (4096 * stats.leafPages());
    assertThat(content).as("seed %s", SEED).isGreaterThan(0.45);
    assertThat(pages.live()).hasSize((int) (stats.leafPages() + stats.branchPages()));
  }

  private static List<Integer> shuffled(int count) {
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      order.add(i);
    }
    Collections.shuffle(order, new Random(SEED));
    return order;
  }

  @Test
  void removeRange_manyPages_readsEachOnce() {
    Tree tree = tree(BYTES);
    load(tree, 0, 50_000, i -> text("k", i), 100);
    TreeStats before = commit(tree);
    long reads = pages.reads();
    assertThat(tree.removeRange(text("k", 1_003), text("k", 49_007))).isEqualTo(48_004);
    long cost = pages.reads() - reads;
    long all = before.leafPages() + before.branchPages();
    assertThat(cost).isBetween(all * 9 / 10, all + 12);
    assertThat(commit(tree).depth()).isEqualTo(2);
  }

  @Test
  void put_sameLengthInOwnPage_allocatesAndFreesNoPage() {
    Tree tree = tree(BYTES);
    load(tree, 0, 2_000, i -> text("k", i), 100);
    tree.put(text("large", 0), new byte[100_000]);
    pages.limitAllocations(0);
    for (int i = 0; i < 2_000; i += 7) {
      tree.put(text("k", i), new byte[100]);
    }
    tree.put(text("large", 0), new byte[100_000]);
    tree.seal();
    tree.put(text("k", 0), new byte[100]);
    commit(tree);
    assertThat(tree.length()).isEqualTo(2_001);
  }

  @Test
  void put_valueLargerThanAPage_leafOfItsOwn() {
    Tree tree = tree(BYTES);
    load(tree, 0, 10, i -> text("k", i), 100);
    tree.put(text("k0000000", 5), new byte[9_000]);
    tree.put(text("k", 100), new byte[200_000]);
    TreeStats stats = commit(tree);
    assertThat(stats.leafPages()).isEqualTo(4);
    assertThat(pages.bytes()).isEqualTo(4096 + 16_384 + 4096 + 262_144 + 4096);
    tree.put(text("k", 101), new byte[10]);
    tree.put(text("k", 100), new byte[10]);
    tree.put(text("k0000000", 5), new byte[10]);
    tree.remove(text("k", 9));
    commit(tree);
    assertThat(pages.bytes()).isLessThanOrEqualTo(5 * 4096);
  }

  @Test
  void moveAbove_pagesAtTheEnd_movedToTheFront() {
    Tree low = tree(BYTES);
    Tree tree = tree(BYTES);
    load(low, 0, 5_000, i -> text("k", i), 100);
    load(tree, 0, 5_000, i -> text("k", i), 100);
    tree.put(text("large", 1), new byte[50_000]);
    tree.seal();
    commit(low);
    long leaves = tree.stats().leafPages();
    long limit = leaves + tree.stats().branchPages();
    low.removeRange(null, null);
    commit(low);
    pages.allocateLowest();
    long moved = tree.moveAbove(page -> page >= limit && page < 1 << 20);
    assertThat(moved).isBetween(50L, limit);
    commit(tree);
    assertThat(tree.moveAbove(page -> page >= limit && page < 1 << 20)).isZero();
    commit(tree);
    assertThat(pages.live().stream().filter(page -> page >= limit && page < 1 << 20)).isEmpty();
    assertThat(tree.length()).isEqualTo(5_001);
    assertThat(tree.moveAbove(page -> true)).isZero();
    assertThat(commit(tree).leafPages()).isEqualTo(leaves);
  }
}
