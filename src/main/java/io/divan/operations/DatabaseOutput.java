package io.divan.operations;

/** The output of a command about one database: progress and problems. For use by one thread. */
abstract class DatabaseOutput {
  private final String name;
  private final Command.Context context;
  private final Progress progress;
  private long problems;

  DatabaseOutput(String name, Command.Context context) {
    this.name = name;
    this.context = context;
    this.progress = context.progress(name);
  }

  /** Writes a problem and counts it. */
  public void problem(String problem) {
    problems++;
    print(problem);
  }

  /** Writes a line. */
  final void print(String line) {
    progress.end();
    context.out().println(name + ": " + line);
  }

  /** Shows the number of rows processed so far. */
  final void at(long rows) {
    progress.at(rows);
  }

  /** Ends the progress line. */
  final void end() {
    progress.end();
  }

  /** The number of problems. */
  final long problems() {
    return problems;
  }
}
