package io.divan.operations;

import io.divan.storage.StorageAdapter;
import java.io.PrintStream;
import java.util.Set;
import java.util.function.Supplier;

/** A terminal command. */
interface Command {

  /** The command succeeded. */
  int DONE = 0;

  /** The command failed, or found what it looked for and nobody wants. */
  int FAILED = 1;

  /** The command was called in a way it does not know. */
  int WRONG_USAGE = 2;

  /**
   * What a command may use.
   *
   * @param storage the configured storage, opened when it is first asked for
   * @param backends every storage, as it is configured
   * @param out the command's results and nothing else
   * @param err errors and progress
   * @param isTerminal whether a person looks at {@code err}
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

    /** Tells how far a walk has come. */
    Progress progress(String what) {
      return new Progress(what, err, isTerminal, System::nanoTime);
    }
  }

  /** A command whose arguments are understood. */
  @FunctionalInterface
  interface Task {
    /** Runs it and answers the exit code. */
    int run(Context context);
  }

  String name();

  /** What it does, in a few words. */
  String summary();

  /** How to call it, with its options; lines. */
  String usage();

  /** The options that stand alone, without dashes. */
  Set<String> flags();

  /** The options that take a value, without dashes. */
  Set<String> settings();

  /**
   * Understands the arguments; does nothing yet.
   *
   * @throws WrongUsage when they make no sense
   */
  Task prepare(Arguments arguments);
}
