package io.divan.operations;

/** What a command tells of one database: how far it has come, and what is wrong. For one thread. */
abstract class Told {
  private final String name;
  private final Command.Context context;
  private final Progress progress;
  private long problems;

  Told(String name, Command.Context context) {
    this.name = name;
    this.context = context;
    this.progress = context.progress(name);
  }

  /** Something is wrong. */
  public void problem(String problem) {
    problems++;
    tell(problem);
  }

  /** Writes a line. */
  final void tell(String line) {
    progress.end();
    context.out().println(name + ": " + line);
  }

  /** So many rows are done. */
  final void at(long rows) {
    progress.at(rows);
  }

  /** Nothing more comes. */
  final void end() {
    progress.end();
  }

  /** How often something was wrong. */
  final long problems() {
    return problems;
  }
}
