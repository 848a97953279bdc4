package io.divan.record.store;

import io.divan.record.index.Backend;
import io.divan.storage.StorageAdapter;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Random;

/** The process that {@link RecordKillTest} kills. It prints a line after each step. */
final class RecordKillChild {
  static final String NAME = "killed";

  private RecordKillChild() {}

  /** Returns the program of a seed, in a new store. */
  static RecordProgram program(StorageAdapter adapter, long seed) {
    return new RecordProgram(adapter.create(NAME, transaction -> {}), new Random(seed));
  }

  /**
   * Runs until the process is killed.
   *
   * @param arguments the name of the backend, its directory and the seed
   */
  public static void main(String[] arguments) throws Exception {
    StorageAdapter adapter = Backend.valueOf(arguments[0]).open(Path.of(arguments[1]));
    RecordProgram program = program(adapter, Long.parseLong(arguments[2]));
    try (OutputStream out = new FileOutputStream(FileDescriptor.out)) {
      while (true) {
        program.step();
        out.write('\n');
      }
    }
  }
}
