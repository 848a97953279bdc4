package io.divan.storage.fdb.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.storage.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Compares the write map with flags kept for each key, like the test of the same name in
 * fdbclient/RYWIterator.cpp.
 */
class WriteMapTest {

  private static final int KEYS = 12;

  /** The state of one key. */
  private static final class Flags {
    private boolean cleared;
    private boolean conflict;
    private boolean unreadable;
    private boolean operations;
  }

  private final WriteMap writes = new WriteMap();
  private final List<Flags> model = new ArrayList<>();

  private static byte[] key(int i) {
    return new byte[] {(byte) (10 * i)};
  }

  private void step(SplittableRandom random) {
    int from = random.nextInt(KEYS);
    int to = from + random.nextInt(KEYS + 1 - from);
    KeyRange range = new KeyRange(key(from), key(to));
    boolean adds = random.nextBoolean();
    Flags flags = model.get(from);
    switch (random.nextInt(6)) {
      case 0 -> {
        if (to > from) {
          writes.addConflict(range);
          model.subList(from, to).forEach(each -> each.conflict = true);
        }
      }
      case 1 -> {
        if (to > from) {
          writes.markUnreadable(range);
          for (Flags each : model.subList(from, to)) {
            each.cleared = false;
            each.conflict = false;
            each.unreadable = true;
            each.operations = false;
          }
        }
      }
      case 2, 3 -> {
        if (to > from) {
          writes.clear(range, adds);
          for (Flags each : model.subList(from, to)) {
            each.cleared = true;
            each.conflict |= adds;
            each.unreadable = false;
            each.operations = false;
          }
        }
      }
      case 4 -> {
        writes.mutate(key(from), Mutation.Kind.SET_VERSIONSTAMPED_VALUE, new byte[14], adds);
        flags.conflict |= adds;
        flags.unreadable = true;
        flags.operations = true;
      }
      default -> {
        Mutation.Kind kind = random.nextBoolean() ? Mutation.Kind.SET : Mutation.Kind.ADD;
        writes.mutate(key(from), kind, new byte[] {1}, adds);
        flags.conflict |= adds;
        flags.operations = true;
      }
    }
  }

  private void check(String replay) {
    for (int i = 0; i < KEYS; i++) {
      WriteMap.Segment segment = writes.at(key(i));
      Flags flags = model.get(i);
      assertThat(segment.operation()).as(replay).isEqualTo(flags.operations);
      assertThat(segment.isConflict()).as(replay).isEqualTo(flags.conflict);
      assertThat(segment.isUnreadable()).as(replay).isEqualTo(flags.unreadable);
      if (!flags.operations) {
        assertThat(segment.isCleared()).as(replay).isEqualTo(flags.cleared);
      }
    }
  }

  private void checkWalk(String replay) {
    List<byte[]> begins = new ArrayList<>();
    WriteMap.Segment segment = writes.at(Keys.EMPTY);
    while (Keys.compare(segment.begin(), Keys.END) < 0) {
      begins.add(segment.begin());
      WriteMap.Segment next = writes.after(segment);
      assertThat(next.begin()).as(replay).isEqualTo(segment.end());
      assertThat(writes.before(next).begin()).as(replay).isEqualTo(segment.begin());
      segment = next;
    }
    for (int i = 1; i < begins.size(); i++) {
      assertThat(Keys.compare(begins.get(i - 1), begins.get(i))).as(replay).isNegative();
    }
  }

  @Test
  void randomWrites_matchTheModel() {
    long seed = Seeds.seed(31);
    SplittableRandom random = new SplittableRandom(seed);
    for (int round = 0; round < 300; round++) {
      WriteMapTest fresh = new WriteMapTest();
      for (int i = 0; i < KEYS; i++) {
        fresh.model.add(new Flags());
      }
      for (int i = 0; i < 30; i++) {
        fresh.step(random);
        fresh.check(Seeds.replay(seed));
      }
      fresh.checkWalk(Seeds.replay(seed));
    }
  }
}
