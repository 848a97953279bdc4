package io.divan.record.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.divan.ChildJvm;
import io.divan.record.index.Backend;
import io.divan.storage.ReferenceAdapter;
import io.divan.storage.Seeds;
import io.divan.storage.StorageAdapter;
import io.divan.storage.Store;
import io.divan.storage.checked.CheckedAdapter;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Kills a process that changes random records, mostly within a commit. The files must then have the
 * records after its last acknowledged step or after the one that was under way, with indexes that
 * equal a recount. {@code -Ddivan.kill.rounds=N} kills more often.
 */
@Timeout(600)
class RecordKillTest {
  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource(names = {"REDB", "SQLITE", "LEVELDB_ON_REDB"})
  void kill_withinACommit_leavesTheRecordsOfAStep(Backend backend) throws Exception {
    long seed = Seeds.seed(20_261_122);
    for (int i = 0; i < Integer.getInteger("divan.kill.rounds", 1); i++) {
      long one = seed + i;
      Path files = Files.createDirectory(directory.resolve("files" + i));
      int steps = runAndKill(backend, files, one);
      try (StorageAdapter adapter = backend.open(files);
          StorageAdapter reference = new CheckedAdapter(new ReferenceAdapter())) {
        Store killed = adapter.open(RecordKillChild.NAME);
        RecordProgram program = RecordKillChild.program(reference, one);
        for (int step = 0; step < steps; step++) {
          program.step();
        }
        if (!program.isStateOf(killed)) {
          program.step();
        }
        assertThat(program.isStateOf(killed))
            .as("records after step %s; %s", steps, Seeds.replay(one))
            .isTrue();
        program.continueIn(killed);
        program.run();
      }
    }
  }

  /** Returns the number of acknowledged steps. */
  private static int runAndKill(Backend backend, Path files, long seed)
      throws IOException, InterruptedException {
    Process child =
        ChildJvm.program(
            RecordKillChild.class, backend.name(), files.toString(), Long.toString(seed));
    int wanted = 20 + new Random(seed).nextInt(150);
    int steps = 0;
    try (BufferedReader out = child.inputReader()) {
      for (int c = out.read(); c >= 0; c = out.read()) {
        steps += c == '\n' ? 1 : 0;
        if (steps == wanted && c == '\n') {
          // Process.destroyForcibly would close the stream and lose its unread lines.
          child.toHandle().destroyForcibly();
        }
      }
    } finally {
      child.destroyForcibly();
    }
    assertThat(child.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(steps).as("the child ran until it was killed").isGreaterThanOrEqualTo(wanted);
    return steps;
  }
}
