package io.divan.storage.fdb.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.storage.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Compares the tree, the conflict history and the set of ranges with simple models. */
class KeyTreeTest {

  private final long seed = Seeds.seed(4711);
  private final SplittableRandom random = new SplittableRandom(seed);

  private byte[] key() {
    byte[] key = new byte[random.nextInt(3)];
    for (int i = 0; i < key.length; i++) {
      key[i] = (byte) (random.nextInt(6) * 51);
    }
    return key;
  }

  private KeyRange range() {
    byte[] a = key();
    byte[] b = key();
    return new KeyRange(Keys.min(a, b), Keys.max(a, b));
  }

  @Test
  void edits_returnNewTrees_andDoNotChangeOldOnes() {
    List<KeyTree> trees = new ArrayList<>();
    List<TreeMap<byte[], byte[]>> models = new ArrayList<>();
    KeyTree tree = KeyTree.EMPTY;
    TreeMap<byte[], byte[]> model = new TreeMap<>(Keys::compare);
    for (int i = 0; i < 3_000; i++) {
      byte[] key = key();
      switch (random.nextInt(8)) {
        case 0, 1 -> {
          tree = tree.remove(key);
          model.remove(key);
        }
        case 2 -> {
          KeyRange range = range();
          tree = tree.remove(range);
          model.subMap(range.begin(), range.end()).clear();
        }
        default -> {
          byte[] value = new byte[random.nextInt(5)];
          tree = tree.put(key, value, random.nextInt());
          model.put(key, value);
        }
      }
      trees.add(tree);
      models.add(new TreeMap<>(model));
      check(tree, model);
    }
    for (int i = 0; i < trees.size(); i += 100) {
      check(trees.get(i), models.get(i));
    }
  }

  private void check(KeyTree tree, TreeMap<byte[], byte[]> model) {
    byte[] key = key();
    assertThat(tree.count()).as(Seeds.replay(seed)).isEqualTo(model.size());
    assertThat(tree.get(key)).as(Seeds.replay(seed)).isEqualTo(model.get(key));
    same(tree.floor(key), model.floorEntry(key));
    same(tree.lower(key), model.lowerEntry(key));
    same(tree.ceiling(key), model.ceilingEntry(key));
    KeyTree.Walk walk = tree.walk();
    Map.Entry<byte[], byte[]> there = model.ceilingEntry(key);
    same(walk.ceiling(key), there);
    for (int i = 0; i < 10 && there != null; i++) {
      there = model.higherEntry(there.getKey());
      same(walk.next(), there);
      same(walk.at(), there);
    }
    KeyRange range = range();
    long bytes =
        model.subMap(range.begin(), range.end()).entrySet().stream()
            .mapToLong(entry -> entry.getKey().length + entry.getValue().length)
            .sum();
    assertThat(tree.bytes(range)).as(Seeds.replay(seed)).isEqualTo(bytes);
  }

  private void same(KeyTree.@Nullable Node node, Map.@Nullable Entry<byte[], byte[]> entry) {
    assertThat(node == null ? null : node.key)
        .as(Seeds.replay(seed))
        .isEqualTo(entry == null ? null : entry.getKey());
  }

  @Test
  void conflictHistory_hasTheLastWriteOfEveryKey() {
    ConflictHistory history = new ConflictHistory();
    List<KeyRange> writes = new ArrayList<>();
    int largest = 0;
    for (int version = 1; version < 3_000; version++) {
      KeyRange range = range();
      writes.add(range);
      if (!range.isEmpty()) {
        history.write(range, version);
      }
      int oldest = Math.max(0, version - 50);
      history.forget(oldest);
      largest = Math.max(largest, history.size());
      KeyRange read = range();
      int since = oldest + random.nextInt(version - oldest);
      boolean expected = false;
      for (int v = since + 1; v <= version; v++) {
        KeyRange written = writes.get(v - 1);
        expected |= !written.isEmpty() && !read.isEmpty() && written.overlaps(read);
      }
      assertThat(!read.isEmpty() && history.isWrittenSince(read, since))
          .as(Seeds.replay(seed))
          .isEqualTo(expected);
    }
    assertThat(largest).isLessThan(150);
  }

  @Test
  void conflictHistory_removesOldWrites() {
    ConflictHistory history = new ConflictHistory();
    for (int version = 1; version < 20_000; version++) {
      byte[] key = {(byte) (version >> 8), (byte) version};
      history.write(KeyRange.ofKey(key), version);
      history.forget(version - 100);
    }
    assertThat(history.size()).isLessThan(12_000);
    for (int version = 20_000; version < 40_000; version++) {
      history.write(KeyRange.ofKey(new byte[] {1}), version);
      history.forget(version - 100);
    }
    assertThat(history.size()).isLessThan(20);
  }

  @Test
  void keyRanges_touching_areMerged() {
    for (int round = 0; round < 500; round++) {
      KeyRanges ranges = new KeyRanges();
      List<KeyRange> added = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        KeyRange range = range();
        added.add(range);
        ranges.add(range);
      }
      for (int i = 0; i < 30; i++) {
        KeyRange key = KeyRange.ofKey(key());
        assertThat(ranges.ranges().stream().anyMatch(key::overlaps))
            .as(Seeds.replay(seed))
            .isEqualTo(added.stream().anyMatch(r -> !r.isEmpty() && r.overlaps(key)));
      }
      List<KeyRange> merged = ranges.ranges();
      for (int i = 1; i < merged.size(); i++) {
        assertThat(Keys.compare(merged.get(i - 1).end(), merged.get(i).begin())).isNegative();
      }
    }
  }
}
