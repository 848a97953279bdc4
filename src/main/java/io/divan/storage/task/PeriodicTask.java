package io.divan.storage.task;

/**
 * A periodic task that survives exceptions. The first of consecutive failures is logged as a
 * warning, the others at debug level. A {@link VirtualMachineError} ends the task. For one thread
 * at a time.
 */
public final class PeriodicTask implements Runnable {
  private final String name;
  private final Runnable task;
  private volatile boolean failing;

  /**
   * Wraps the action of a periodic task.
   *
   * @param name the name of the task in the log
   */
  public PeriodicTask(String name, Runnable task) {
    this.name = name;
    this.task = task;
  }

  @Override
  public void run() {
    try {
      task.run();
      failing = false;
    } catch (VirtualMachineError e) {
      log(System.Logger.Level.ERROR, "The periodic task \"" + name + "\" ends after a fatal error",
          e);
      throw e;
    } catch (RuntimeException | Error e) {
      log(
          failing ? System.Logger.Level.DEBUG : System.Logger.Level.WARNING,
          "The periodic task \"" + name + "\" failed and will run again",
          e);
      failing = true;
    }
  }

  private static void log(System.Logger.Level level, String message, Throwable failure) {
    System.getLogger(PeriodicTask.class.getName()).log(level, message, failure);
  }
}
