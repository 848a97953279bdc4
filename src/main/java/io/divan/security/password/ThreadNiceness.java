package io.divan.security.password;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Lowers the operating system's priority of threads. On Linux the JVM ignores Java's thread
 * priorities, but each thread has a nice value of its own.
 */
final class ThreadNiceness {
  private static final System.Logger LOG = System.getLogger(ThreadNiceness.class.getName());
  private static final int PRIO_PROCESS = 0;
  private static final int NICE = 10;

  private ThreadNiceness() {}

  /** Lowers the priority of the calling platform thread. Does nothing except on Linux. */
  @SuppressWarnings("restricted") // the manifest enables native access
  static void lower() {
    if (!System.getProperty("os.name", "").equals("Linux")) {
      return;
    }
    try {
      Linker linker = Linker.nativeLinker();
      MethodHandle setpriority =
          linker.downcallHandle(
              linker.defaultLookup().findOrThrow("setpriority"),
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT,
                  ValueLayout.JAVA_INT,
                  ValueLayout.JAVA_INT,
                  ValueLayout.JAVA_INT));
      int result = (int) setpriority.invokeExact(PRIO_PROCESS, 0, NICE);
      LOG.log(System.Logger.Level.DEBUG, "The nice value of a hashing thread: {0}", result);
    } catch (Throwable e) { // passwords are checked at the usual priority
      LOG.log(System.Logger.Level.DEBUG, "A hashing thread keeps its priority", e);
    }
  }
}
