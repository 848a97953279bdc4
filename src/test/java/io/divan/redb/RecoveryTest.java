package io.divan.redb;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What opening a file that was not closed must take care of. */
class RecoveryTest {

  /**
   * The system still holds what a killed process wrote and did not sync. The next process sees it
   * all, and must not give up the commit before until that is durable too: the power may fail.
   */
  @Test
  void open_afterKillWithinACommit_keepsTheCommitBeforeUntilTheNewOneIsDurable() {
    SimulatedDisk disk = new SimulatedDisk().recording();
    Redb database = Redb.open(disk, "killed", Program.OPTIONS);
    Model first = change(database, new Model(), 1);
    long started = disk.position();
    Model second = change(database, first, 2);
    Epoch commit =
        disk.epochs().stream().filter(epoch -> epoch.first() >= started).findFirst().orElseThrow();
    SimulatedDisk next = commit.kill(commit.changes().size()).recording();
    try (Redb reopened = Redb.open(next, "reopened", Program.OPTIONS)) {
      assertThat(Model.found(List.of(first, second), reopened)).isSameAs(second);
    }
    for (Epoch epoch : next.epochs()) {
      for (int after = 0; after <= epoch.changes().size(); after++) {
        for (long crash = 0; crash < 200; crash++) {
          SimulatedDisk found = new SimulatedDisk(epoch.crash(after, crash));
          try (Redb again = Redb.open(found, "crashed", Program.OPTIONS)) {
            Model.found(List.of(first, second), again);
          }
        }
      }
    }
  }

  private static Model change(Redb database, Model before, long seed) {
    try (WriteTransaction write = database.beginWrite()) {
      Model after = new Session(write, before, new SplittableRandom(seed), Program.SMALL).run(30);
      write.commit();
      return after;
    }
  }
}
