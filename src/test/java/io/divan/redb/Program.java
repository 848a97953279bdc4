package io.divan.redb;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * A seeded program of transactions on a recording disk. It tracks which states a crash may leave at
 * each moment: the last commit acknowledged as durable and, during a commit, that commit.
 */
final class Program {
  static final Data.Scale SMALL = new Data.Scale(300, 2_000, 70_000, 60);

  /** As little memory as possible, so that reads come from the disk. */
  static final Redb.Options OPTIONS = new Redb.Options(true, 64 << 10);

  private final SimulatedDisk disk;
  private final SplittableRandom random;
  private final NavigableMap<Long, List<Model>> allowed = new TreeMap<>();
  private final Deque<Held> held = new ArrayDeque<>();
  private Optional<Redb> database = Optional.empty();
  private Model durable = new Model();
  private Model latest = durable;

  /** A read transaction that stays open for a while. */
  private record Held(ReadTxn read, Model model) {}

  Program(SimulatedDisk disk, List<Model> found, long seed) {
    this.disk = disk.recording();
    random = new SplittableRandom(seed);
    allowed.put(0L, found);
  }

  /**
   * Returns the states that may be found if the disk stopped after {@code position} changes and
   * syncs.
   */
  List<Model> allowedAt(long position) {
    return allowed.floorEntry(position).getValue();
  }

  /** Returns the database that {@link #run} opened, if opening succeeded. */
  Optional<Redb> database() {
    return database;
  }

  SimulatedDisk disk() {
    return disk;
  }

  /** Opens the database, changes it, and optionally closes it. */
  void run(int transactions, boolean close) {
    Redb database = Redb.open(disk, "simulated", OPTIONS);
    this.database = Optional.of(database);
    durable = Model.found(allowedAt(0), database);
    latest = durable;
    allow(durable);
    for (int i = 0; i < transactions; i++) {
      step(database);
    }
    if (close) {
      while (!held.isEmpty()) {
        release();
      }
      allow(durable, latest);
      database.close();
      allow(latest);
    }
  }

  private void step(Redb database) {
    int dice = random.nextInt(100);
    if (dice < 5) {
      allow(durable, latest);
      database.compact();
      durable = latest;
      allow(durable);
    } else if (dice < 10) {
      database.checkIntegrity();
    } else if (dice < 20) {
      if (held.size() < 3) {
        held.add(new Held(database.beginRead(), latest));
      }
    } else if (dice < 30) {
      if (!held.isEmpty()) {
        release();
      }
    } else {
      write(database);
    }
  }

  private void write(Redb database) {
    try (WriteTxn write = database.beginWrite()) {
      int steps = random.nextInt(10) == 0 ? 150 : random.nextInt(20);
      Model changed = new Session(write, latest, random, SMALL).run(steps);
      int dice = random.nextInt(10);
      if (dice < 6) {
        allow(durable, changed);
        write.commit();
        durable = changed;
        latest = changed;
        allow(durable);
      } else if (dice < 9) {
        write.commitWithoutSync();
        latest = changed;
      }
    }
  }

  private void release() {
    Held one = held.remove();
    try (ReadTxn read = one.read) {
      one.model
          .difference(read)
          .ifPresent(
              difference -> {
                throw new AssertionError("a snapshot has changed: " + difference);
              });
    }
  }

  private void allow(Model... models) {
    allowed.put(disk.position(), new ArrayList<>(List.of(models)));
  }
}
