package io.divan.operations;

import io.divan.storage.StorageAdapter;
import java.io.PrintStream;
import java.util.Set;
import java.util.function.Supplier;

/** A terminal command. */
interface Command {

  /** The command succeeded. */
  int DONE = 0;

  /** The command failed, or a check found problems. */
  int FAILED = 1;

  /** The arguments were invalid. */
  int WRONG_USAGE = 2;

  /**
   * The environment of a command.
   *
   * @param storage the configured storage, opened on first use
   * @param backends all backends, with their configured settings
   * @param out the stream for results only
   * @param err the stream for errors and progress
   * @param isTerminal whether {@code err} is a terminal
   */
  record Context(
      Supplier<StorageAdapter> storage,
      Backends backends,
      PrintStream out,
      PrintStream err,
      boolean isTerminal) {

    /** The configured storage. */
    StorageAdapter adapter() {
      return storage.get();
    }

    /** Starts a progress display. */
    Progress progress(String what) {
      return new Progress(what, err, isTerminal, System::nanoTime);
    }
  }

  /** A command with parsed arguments. */
  @FunctionalInterface
  interface Task {
    /** Runs the command and returns the exit code. */
    int run(Context context);
  }

  String name();

  /** A description in a few words. */
  String summary();

  /** The usage text with all options, as lines. */
  String usage();

  /** The names of the options without a value, without dashes. */
  Set<String> flags();

  /** The names of the options with a value, without dashes. */
  Set<String> settings();

  /**
   * Parses the arguments without running the command.
   *
   * @throws WrongUsage if they are invalid
   */
  Task prepare(Arguments arguments);
}
