package io.divan.redb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Changes bytes of pages behind a tree's back. With checksums, every result is right or reported as
 * corruption. Without them, results may be wrong, but every call ends and throws no other
 * exception.
 */
class TreeCorruptionTest {
  private static final long SEED = Long.getLong("divan.seed", 77);
  private static final TreeFormat[] FORMATS = {
    SampleFile.STRINGS,
    new TreeFormat(8, TreeFormat.VARIABLE, KeyOrder.LITTLE_ENDIAN),
    new TreeFormat(8, 4, KeyOrder.LITTLE_ENDIAN),
    new TreeFormat(TreeFormat.VARIABLE, 4, KeyOrder.BYTES),
  };

  private final Map<byte[], byte[]> rows = new TreeMap<>(Arrays::compareUnsigned);

  private HeapPages pages = new HeapPages(true);
  private Optional<TreeRoot> root = Optional.empty();

  @Test
  void anyByteChanged_withChecksums_rightOrCorrupted() {
    long found = run(true, 1_500);
    assertThat(found).as("detected changes").isGreaterThan(200);
  }

  @Test
  void anyByteChanged_withoutChecksums_endsWithoutOtherExceptions() {
    long found = run(false, 4_000);
    assertThat(found).as("detected changes").isGreaterThan(200);
  }

  private long run(boolean checked, int rounds) {
    long found = 0;
    for (int format = 0; format < FORMATS.length; format++) {
      Random random = new Random(SEED + format);
      build(FORMATS[format], random, checked);
      List<Long> live = new ArrayList<>(pages.live());
      for (int round = 0; round < rounds / FORMATS.length; round++) {
        byte[] page = pages.raw(live.get(random.nextInt(live.size())));
        byte[] before = page.clone();
        damage(page, random);
        try {
          found += use(FORMATS[format], checked, random) ? 1 : 0;
        } catch (RuntimeException | StackOverflowError | AssertionError e) {
          fail("round " + round + " of format " + format + ", replay with -Ddivan.seed=" + SEED, e);
        }
        System.arraycopy(before, 0, page, 0, page.length);
      }
      rows.clear();
    }
    return found;
  }

  private void build(TreeFormat format, Random random, boolean checked) {
    pages = new HeapPages(checked);
    Tree tree = new Tree(pages, format, Optional.empty(), "tree");
    for (int i = 0; i < 1_500; i++) {
      byte[] key = new byte[format.keyWidth() < 0 ? random.nextInt(40) : format.keyWidth()];
      random.nextBytes(key);
      int length = i % 100 == 0 ? random.nextInt(20_000) : random.nextInt(60);
      byte[] value = new byte[format.valueWidth() < 0 ? length : format.valueWidth()];
      random.nextBytes(value);
      tree.put(key, value);
      rows.put(key, value);
    }
    root = tree.seal();
    pages.commit();
    assertThat(tree.stats().depth()).isGreaterThan(1);
  }

  /** Changes one byte or eight, mostly near the beginning, where the counts and ends are. */
  private static void damage(byte[] page, Random random) {
    int count = random.nextInt(4) == 0 ? 8 : 1;
    int most = random.nextInt(3) == 0 ? page.length : Math.min(page.length, 400);
    int at = random.nextInt(most - count);
    if (random.nextInt(4) == 0) {
      at = random.nextInt(8);
    }
    for (int i = at; i < at + count; i++) {
      page[i] = (byte) random.nextInt(256);
    }
  }

  /** Reads the tree with every method; returns whether any reported corruption. */
  private boolean use(TreeFormat format, boolean checked, Random random) {
    boolean corrupted = false;
    byte[] some = List.copyOf(rows.keySet()).get(random.nextInt(rows.size()));
    for (int way = 0; way < 8; way++) {
      Tree tree = new Tree(pages, format, root, "tree");
      try {
        boolean right = read(tree, way, some);
        assertThat(right || !checked).as("way %s", way).isTrue();
      } catch (RedbException.Corrupted e) {
        corrupted = true;
      }
    }
    return corrupted;
  }

  private boolean read(Tree tree, int way, byte[] some) {
    switch (way) {
      case 0 -> tree.verify(page -> {});
      case 1 -> tree.visitPages(page -> {});
      case 2 -> tree.stats();
      case 3 -> {
        return scan(tree, false);
      }
      case 4 -> {
        return scan(tree, true);
      }
      case 5 -> tree.cursor(some, null, false).next();
      case 6 -> {
        ValueSlice found = new ValueSlice();
        for (Map.Entry<byte[], byte[]> row : rows.entrySet()) {
          if (!tree.find(row.getKey(), found)
              || !equal(found.array(), found.offset(), found.length(), row.getValue())) {
            return false;
          }
        }
      }
      default -> {
        ValueSlice found = new ValueSlice();
        return tree.find(some, found)
            && equal(found.array(), found.offset(), found.length(), rows.get(some));
      }
    }
    return true;
  }

  /** Returns whether a scan yields exactly the expected rows. */
  private boolean scan(Tree tree, boolean reverse) {
    TreeCursor cursor = tree.cursor(null, null, reverse);
    long count = 0;
    boolean right = true;
    while (cursor.next()) {
      int keyTo = cursor.keyOffset() + cursor.keyLength();
      byte[] value = rows.get(Arrays.copyOfRange(cursor.array(), cursor.keyOffset(), keyTo));
      right &= value != null
          && equal(cursor.array(), cursor.valueOffset(), cursor.valueLength(), value);
      count++;
      // A page count has two bytes, so a damaged leaf claims at most this many pairs.
      assertThat(count).isLessThan(65_536L * 200);
    }
    return right && count == rows.size();
  }

  private static boolean equal(byte[] array, int offset, int length, byte[] expected) {
    return Arrays.equals(array, offset, offset + length, expected, 0, expected.length);
  }

  @Test
  void change_anyByteChanged_withChecksums_isRolledBack() {
    TreeFormat format = FORMATS[0];
    Random random = new Random(SEED);
    build(format, random, true);
    List<Long> live = new ArrayList<>(pages.live());
    int noticed = 0;
    for (int round = 0; round < 400; round++) {
      byte[] page = pages.raw(live.get(random.nextInt(live.size())));
      byte[] before = page.clone();
      damage(page, random);
      Tree tree = new Tree(pages, format, root, "tree");
      try {
        for (byte[] key : rows.keySet()) {
          switch (random.nextInt(3)) {
            case 0 -> tree.put(key, new byte[random.nextInt(300)]);
            case 1 -> tree.remove(key);
            default -> tree.removeRange(key, Arrays.copyOf(key, key.length + 1));
          }
        }
      } catch (RedbException.Corrupted e) {
        noticed++;
      }
      // Repair the page before commit verifies the pages that are not own.
      System.arraycopy(before, 0, page, 0, page.length);
      pages.rollback();
      tree.reset(root);
      tree.verify(visited -> {});
    }
    assertThat(noticed).isGreaterThan(50);
  }
}
