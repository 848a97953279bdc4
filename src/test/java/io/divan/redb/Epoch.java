package io.divan.redb;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The changes to a disk between two syncs.
 *
 * <p>A crash treats each change so far independently, by seed: it survives, vanishes, or, for a
 * write, tears at 512-byte sectors (those before a boundary survive, those after it, or any). A
 * later write may thus survive without an earlier one. A change of length is one atomic metadata
 * update. The part of a write beyond a lost extension is lost.
 *
 * @param first the position of the first change; each change and each sync has one position
 * @param durable the content at the last sync
 * @param changes the changes since then, in order
 */
record Epoch(long first, Blocks.Image durable, List<Change> changes) {
  static final int SECTOR = 512;

  /** A change that is not durable yet. */
  sealed interface Change {

    record Write(long position, byte[] bytes) implements Change {}

    /** An extension with zeros, or a truncation. */
    record Length(long from, long to) implements Change {}
  }

  Epoch {
    changes = List.copyOf(changes);
  }

  /** Returns a disk content that a crash after {@code after} changes may leave. */
  Blocks.Image crash(int after, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int loss = random.nextInt(5);
    Blocks file = new Blocks(durable);
    for (Change change : changes.subList(0, after)) {
      Fate fate = Fate.draw(random, loss);
      switch (change) {
        case Change.Write write -> apply(write, fate, random, file);
        case Change.Length set -> apply(set, fate, random, file);
      }
    }
    return file.image();
  }

  /**
   * Returns the disk after only the process was killed: the system has all changes but has not
   * written them yet.
   */
  SimulatedDisk kill(int after) {
    return new SimulatedDisk(durable, changes.subList(0, after));
  }

  static void apply(Change change, Blocks file) {
    switch (change) {
      case Change.Write write -> file.write(write.position, write.bytes, 0, write.bytes.length);
      case Change.Length set -> file.setLength(set.to);
    }
  }

  private static void apply(Change.Length set, Fate fate, SplittableRandom random, Blocks file) {
    boolean longer = set.to > set.from;
    boolean there = fate == Fate.SURVIVES || fate == Fate.TEARS && random.nextBoolean();
    // If an earlier change of length was lost, this one may have no effect.
    if (there && (longer ? set.to > file.length() : set.to < file.length())) {
      file.setLength(set.to);
    }
  }

  private static void apply(Change.Write write, Fate fate, SplittableRandom random, Blocks file) {
    switch (fate) {
      case SURVIVES -> apply(write, file);
      case VANISHES -> {}
      case TEARS -> tear(write, random, file);
    }
  }

  private static void tear(Change.Write write, SplittableRandom random, Blocks file) {
    List<int[]> sectors = sectors(write);
    int boundary = random.nextInt(sectors.size() + 1);
    int kind = random.nextInt(3);
    for (int i = 0; i < sectors.size(); i++) {
      boolean there =
          switch (kind) {
            case 0 -> i < boundary;
            case 1 -> i >= boundary;
            default -> random.nextBoolean();
          };
      if (there) {
        int from = sectors.get(i)[0];
        file.write(write.position + from, write.bytes, from, sectors.get(i)[1] - from);
      }
    }
  }

  /** Returns the range of a write's bytes in each sector. */
  private static List<int[]> sectors(Change.Write write) {
    List<int[]> parts = new ArrayList<>();
    for (int from = 0; from < write.bytes.length;) {
      int room = SECTOR - (int) ((write.position + from) % SECTOR);
      int to = Math.min(write.bytes.length, from + room);
      parts.add(new int[] {from, to});
      from = to;
    }
    return parts;
  }

  private enum Fate {
    SURVIVES,
    VANISHES,
    TEARS;

    /** Draws the fate of a change in a crash; {@code loss} selects how much the crash loses. */
    static Fate draw(SplittableRandom random, int loss) {
      int dice = random.nextInt(100);
      return switch (loss) {
        case 0 -> dice < 95 ? SURVIVES : dice < 98 ? TEARS : VANISHES;
        case 1 -> dice < 80 ? SURVIVES : TEARS;
        case 2 -> dice < 50 ? SURVIVES : VANISHES;
        case 3 -> dice < 10 ? SURVIVES : dice < 20 ? TEARS : VANISHES;
        default -> values()[dice % 3];
      };
    }
  }
}
