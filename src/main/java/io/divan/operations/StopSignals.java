package io.divan.operations;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * Stops the service on SIGTERM and SIGINT with exit code 0, where the JVM's own handler would exit
 * with 143 or 130. A second signal, or the deadline, ends the process immediately; its files are as
 * after a crash, which loses nothing that was acknowledged.
 *
 * <p>{@code sun.misc.Signal} is the only interface of the JDK for this. The compiler warns about
 * it, so it is called by reflection; without it, the JVM's own handler remains.
 */
public final class StopSignals
    implements ApplicationContextInitializer<ConfigurableApplicationContext> {
  private static final Logger LOG = LoggerFactory.getLogger(StopSignals.class);

  /** What a shell adds to a signal's number to get an exit code. */
  private static final int SIGNAL_CODES = 128;

  private static final Duration DEADLINE_BEFORE_THE_START = Duration.ofMinutes(1);

  private final IntConsumer exit;
  private final IntConsumer halt;
  private final AtomicBoolean stopping = new AtomicBoolean();
  private volatile Duration deadline = DEADLINE_BEFORE_THE_START;

  StopSignals(IntConsumer exit, IntConsumer halt) {
    this.exit = exit;
    this.halt = halt;
  }

  /** Handles the signals of this process. */
  public static StopSignals install() {
    StopSignals signals = new StopSignals(System::exit, Runtime.getRuntime()::halt);
    signals.handle("TERM");
    signals.handle("INT");
    return signals;
  }

  private void handle(String name) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Method set = signal.getMethod("handle", signal, handler);
      Object instance = signal.getConstructor(String.class).newInstance(name);
      int number = (int) signal.getMethod("getNumber").invoke(instance);
      Object mine =
          Proxy.newProxyInstance(
              StopSignals.class.getClassLoader(),
              new Class<?>[] {handler},
              (proxy, method, arguments) -> switch (method.getName()) {
                case "handle" -> {
                  received(name, number);
                  yield null;
                }
                case "hashCode" -> System.identityHashCode(proxy);
                case "equals" -> proxy == arguments[0];
                default -> "handler of SIG" + name;
              });
      Object before = set.invoke(null, instance, mine);
      if (before.equals(handler.getField("SIG_IGN").get(null))) {
        set.invoke(null, instance, before); // as nohup and shells set it for background jobs
      }
    } catch (ReflectiveOperationException | IllegalArgumentException e) {
      Throwable cause = e instanceof InvocationTargetException ? e.getCause() : e;
      LOG.info("The JVM handles SIG{} itself: {}", name, String.valueOf(cause));
    }
  }

  /** Makes this available to the context as a bean. */
  @Override
  public void initialize(ConfigurableApplicationContext context) {
    context.getBeanFactory().registerSingleton("stopSignals", this);
  }

  /** Sets the time after which a stop is given up. */
  void deadline(Duration duration) {
    deadline = duration;
  }

  /** Called by the JVM on a thread of its own. */
  void received(String name, int number) {
    if (stopping.compareAndSet(false, true)) {
      LOG.info("Stopping because of SIG{}", name);
      Thread.ofPlatform().daemon().name("stop-deadline").start(() -> haltAtTheDeadline(number));
      Thread.ofPlatform().name("stop").start(() -> exit.accept(0));
    } else {
      LOG.warn("Ending at once because of a second signal, SIG{}", name);
      halt.accept(SIGNAL_CODES + number);
    }
  }

  private void haltAtTheDeadline(int number) {
    try {
      Thread.sleep(deadline);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    LOG.error("Ending at once: the stop has taken longer than {} s", deadline.toSeconds());
    halt.accept(SIGNAL_CODES + number);
  }
}
