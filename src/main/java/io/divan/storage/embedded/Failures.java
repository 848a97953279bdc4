package io.divan.storage.embedded;

/** Logs exceptions that must not stop the work around them. */
final class Failures {

  private Failures() {}

  /** Logs a failure. Never throws: memory may have run out. */
  static void log(Class<?> owner, String message, Throwable failure) {
    try {
      System.getLogger(owner.getName()).log(System.Logger.Level.ERROR, message, failure);
    } catch (RuntimeException | Error e) {
      failure.addSuppressed(e);
    }
  }
}
