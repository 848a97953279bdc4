package io.divan.redb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Compares random changes to trees of many formats with maps. */
class TreeModelTest {
  private static final long SEED = Long.getLong("divan.seed", 20_240_817);
  private static final int VARIABLE = TreeFormat.VARIABLE;

  @Test
  void randomChanges_variableWidths_matchModel() {
    for (int i = 0; i < 12; i++) {
      run(new TreeFormat(VARIABLE, VARIABLE, KeyOrder.BYTES), SEED + i, 2_500, 200);
    }
  }

  @Test
  void randomChanges_largePairs_matchModel() {
    for (int i = 0; i < 4; i++) {
      run(new TreeFormat(VARIABLE, VARIABLE, KeyOrder.BYTES), SEED + 100 + i, 700, 10_000);
    }
  }

  @Test
  void randomChanges_longKeysInDeepTrees_matchModel() {
    for (int i = 0; i < 8; i++) {
      run(new TreeFormat(VARIABLE, 0, KeyOrder.BYTES), SEED + 150 + i, 2_000, 1_000, 1_300);
    }
  }

  @Test
  void randomChanges_littleEndianKeys_matchModel() {
    for (int i = 0; i < 6; i++) {
      run(new TreeFormat(8, VARIABLE, KeyOrder.LITTLE_ENDIAN), SEED + 200 + i, 3_000, 8);
    }
  }

  @Test
  void randomChanges_fixedWidths_matchModel() {
    for (int i = 0; i < 4; i++) {
      run(new TreeFormat(8, 8, KeyOrder.LITTLE_ENDIAN), SEED + 300 + i, 3_000, 8);
      run(new TreeFormat(16, 0, KeyOrder.PAIRS_OF_U64), SEED + 310 + i, 3_000, 16);
      run(new TreeFormat(VARIABLE, 8, KeyOrder.BYTES), SEED + 320 + i, 3_000, 40);
      run(new TreeFormat(5, 3, KeyOrder.ALLOCATOR_STATE), SEED + 330 + i, 3_000, 5);
    }
  }

  private static void run(TreeFormat format, long seed, int steps, int keyBytesMax) {
    run(format, seed, steps, 0, keyBytesMax);
  }

  private static void run(
      TreeFormat format, long seed, int steps, int keyBytesMin, int keyBytesMax) {
    new Program(format, seed, keyBytesMin, keyBytesMax).run(steps);
  }

  /** One program: a tree, its model, and both as of the last commit. */
  private static final class Program {
    private final TreeFormat format;
    private final long seed;
    private final int keyBytesMin;
    private final int keyBytesMax;
    private final Random random;
    private final HeapPages pages = new HeapPages(true);
    private final Tree tree;
    private final NavigableMap<byte[], byte[]> model;
    private NavigableMap<byte[], byte[]> committed;
    private Optional<TreeRoot> committedRoot = Optional.empty();
    private long counter;

    Program(TreeFormat format, long seed, int keyBytesMin, int keyBytesMax) {
      this.format = format;
      this.seed = seed;
      this.keyBytesMin = keyBytesMin;
      this.keyBytesMax = keyBytesMax;
      this.random = new Random(seed);
      this.tree = new Tree(pages, format, Optional.empty(), "tree");
      this.model = new TreeMap<>(comparator(format.order()));
      this.committed = new TreeMap<>(model);
    }

    void run(int steps) {
      for (int step = 0; step < steps; step++) {
        try {
          step();
          assertThat(tree.length()).isEqualTo(model.size());
        } catch (RuntimeException | AssertionError e) {
          fail("step " + step + " of seed " + seed + ", replay with -Ddivan.seed=" + seed, e);
        }
      }
      commit();
      model.clear();
      tree.removeRange(null, null);
      commit();
      assertThat(pages.live()).isEmpty();
    }

    private void step() {
      int choice = random.nextInt(1_000);
      // Phases of growth and phases of shrinking.
      int removes = counter++ / 400 % 3 == 2 ? 620 : 200;
      if (choice < 30) {
        runOfPuts();
      } else if (choice < 30 + removes) {
        remove();
      } else if (choice < 860) {
        put(key(), value());
      } else if (choice < 880) {
        removeRange();
      } else if (choice < 940) {
        find(model.isEmpty() || random.nextBoolean() ? key() : present());
      } else if (choice < 965) {
        scan();
      } else if (choice < 980) {
        withMark();
      } else if (choice < 995) {
        commit();
      } else {
        rollback();
      }
    }

    private void put(byte[] key, byte[] value) {
      boolean had = model.put(key, value) != null;
      assertThat(tree.put(key.clone(), value.clone())).isEqualTo(had);
    }

    /** Puts consecutive keys, ascending or descending, as a load does. */
    private void runOfPuts() {
      byte[] key = key();
      int width = Math.min(4, key.length);
      boolean down = random.nextInt(4) == 0;
      int count = random.nextInt(60);
      int start = random.nextInt(1 << 20) << 8;
      for (int i = 0; i < count && width == 4; i++) {
        byte[] next = key.clone();
        int number = start + (down ? count - i : i);
        boolean little = format.order() != KeyOrder.BYTES;
        for (int b = 0; b < 4; b++) {
          int at = little ? b : next.length - 1 - b;
          next[at] = (byte) (number >>> (8 * b));
        }
        put(next, value());
      }
    }

    private void remove() {
      byte[] key = model.isEmpty() || random.nextInt(5) == 0 ? key() : present();
      boolean had = model.remove(key) != null;
      assertThat(tree.remove(key)).isEqualTo(had);
    }

    private void removeRange() {
      byte[] from = random.nextInt(20) == 0 ? null : bound();
      byte[] to = random.nextInt(20) == 0 ? null : bound();
      if (from != null && to == null && random.nextInt(3) > 0) {
        to = from;
      }
      NavigableMap<byte[], byte[]> range = range(from, to);
      if (range.size() > model.size() / 2 && random.nextInt(10) > 0) {
        return;
      }
      long count = range.size();
      assertThat(tree.removeRange(from, to)).isEqualTo(count);
      range.clear();
    }

    private NavigableMap<byte[], byte[]> range(byte[] from, byte[] to) {
      if (from != null && to != null && model.comparator().compare(from, to) > 0) {
        return new TreeMap<>(model.comparator());
      }
      NavigableMap<byte[], byte[]> result = model;
      result = from == null ? result : result.tailMap(from, true);
      return to == null ? result : result.headMap(to, false);
    }

    private void find(byte[] key) {
      ValueSlice found = new ValueSlice();
      byte[] expected = model.get(key);
      assertThat(tree.find(key, found)).isEqualTo(expected != null);
      if (expected != null) {
        int to = found.offset() + found.length();
        assertThat(Arrays.copyOfRange(found.array(), found.offset(), to)).isEqualTo(expected);
      }
    }

    private void scan() {
      byte[] from = random.nextBoolean() ? null : bound();
      byte[] to = random.nextBoolean() ? null : bound();
      boolean reverse = random.nextBoolean();
      NavigableMap<byte[], byte[]> range = range(from, to);
      TreeCursor cursor = tree.cursor(from, to, reverse);
      compare(cursor, reverse ? range.descendingMap() : range);
      if (from == null && to == null) {
        byte[] key = bound();
        cursor.seek(key);
        compare(cursor, reverse ? range.headMap(key, true).descendingMap() : range.tailMap(key));
      }
    }

    private static void compare(TreeCursor cursor, Map<byte[], byte[]> expected) {
      for (Map.Entry<byte[], byte[]> entry : expected.entrySet()) {
        assertThat(cursor.next()).isTrue();
        assertThat(key(cursor)).isEqualTo(entry.getKey());
        int to = cursor.valueOffset() + cursor.valueLength();
        assertThat(Arrays.copyOfRange(cursor.array(), cursor.valueOffset(), to))
            .isEqualTo(entry.getValue());
      }
      assertThat(cursor.next()).isFalse();
      assertThat(cursor.next()).isFalse();
    }

    private static byte[] key(TreeCursor cursor) {
      int to = cursor.keyOffset() + cursor.keyLength();
      return Arrays.copyOfRange(cursor.array(), cursor.keyOffset(), to);
    }

    /** Makes changes after a savepoint, then keeps them or rolls them back. */
    private void withMark() {
      NavigableMap<byte[], byte[]> before = new TreeMap<>(model);
      Optional<TreeRoot> root = tree.root();
      pages.mark();
      int changes = random.nextInt(20);
      for (int i = 0; i < changes; i++) {
        if (random.nextBoolean()) {
          put(key(), value());
        } else {
          remove();
        }
      }
      if (random.nextBoolean()) {
        pages.keepMark();
      } else {
        pages.rollbackToMark();
        tree.reset(root);
        model.clear();
        model.putAll(before);
      }
    }

    private void commit() {
      committedRoot = tree.seal();
      Set<Long> seen = new HashSet<>();
      tree.verify(page -> assertThat(seen.add(page)).isTrue());
      assertThat(seen).isEqualTo(pages.live());
      Set<Long> visited = new HashSet<>();
      tree.visitPages(visited::add);
      assertThat(visited).isEqualTo(seen);
      pages.commit();
      committed = new TreeMap<>(model);
      Tree again = new Tree(pages, format, committedRoot, "again");
      compare(again.cursor(null, null, false), model);
      TreeStats stats = again.stats();
      long bytes = 0;
      for (Map.Entry<byte[], byte[]> pair : model.entrySet()) {
        bytes += pair.getKey().length + pair.getValue().length;
      }
      assertThat(stats.storedBytes()).isEqualTo(bytes);
      assertThat(stats.leafPages() + stats.branchPages()).isEqualTo(seen.size());
      assertThat(stats.storedBytes() + stats.metadataBytes() + stats.fragmentedBytes())
          .isEqualTo(pages.bytes());
    }

    private void rollback() {
      pages.rollback();
      tree.reset(committedRoot);
      model.clear();
      model.putAll(committed);
      tree.verify(page -> {});
    }

    private byte[] bound() {
      return model.isEmpty() || random.nextInt(3) == 0 ? key() : present();
    }

    private byte[] present() {
      byte[] key = model.ceilingKey(key());
      return key == null ? model.lastKey() : key;
    }

    private byte[] key() {
      if (format.keyWidth() != VARIABLE) {
        byte[] key = new byte[format.keyWidth()];
        for (int i = 0; i < key.length; i++) {
          key[i] = (byte) (i < 2 ? random.nextInt(256) : random.nextInt(3));
        }
        return key;
      }
      int length = keyBytesMin + random.nextInt(12);
      if (random.nextInt(30) == 0) {
        length = random.nextInt(keyBytesMax + 1);
      }
      byte[] key = new byte[length];
      random.nextBytes(key);
      for (int i = 0; i < Math.min(2, length); i++) {
        key[i] = (byte) random.nextInt(24);
      }
      return key;
    }

    private byte[] value() {
      if (format.valueWidth() != VARIABLE) {
        byte[] value = new byte[format.valueWidth()];
        random.nextBytes(value);
        return value;
      }
      int choice = random.nextInt(1_000);
      int length = random.nextInt(60);
      if (choice < 150) {
        length = random.nextInt(1_500);
      } else if (choice < 190) {
        length = random.nextInt(9_000);
      } else if (choice == 999 && random.nextInt(10) == 0) {
        length = random.nextInt(3_000_000);
      }
      byte[] value = new byte[length];
      random.nextBytes(value);
      return value;
    }
  }

  private static Comparator<byte[]> comparator(KeyOrder order) {
    return (a, b) -> order.compare(a, 0, a.length, b, 0, b.length);
  }
}
