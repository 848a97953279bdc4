package io.divan;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.slf4j.LoggerFactory;

/** The events of one logger, from the construction of this until it is closed. */
public final class LogEvents implements AutoCloseable {
  private static final long SECONDS_MAX = 30;

  private final Logger logger;
  private final BlockingQueue<ILoggingEvent> events = new LinkedBlockingQueue<>();
  private final AppenderBase<ILoggingEvent> appender =
      new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
          event.prepareForDeferredProcessing(); // keeps the MDC of the logging thread
          events.add(event);
        }
      };

  public LogEvents(String logger) {
    this.logger = (Logger) LoggerFactory.getLogger(logger);
    appender.start();
    this.logger.addAppender(appender);
  }

  /** Waits for the first event whose message satisfies a condition; removes it and those before. */
  public ILoggingEvent await(Predicate<String> message) throws InterruptedException {
    List<String> others = new ArrayList<>();
    while (true) {
      ILoggingEvent event = events.poll(SECONDS_MAX, TimeUnit.SECONDS);
      if (event == null) {
        throw new AssertionError("No such event. Others: " + others);
      }
      if (message.test(event.getFormattedMessage())) {
        return event;
      }
      others.add(event.getFormattedMessage());
    }
  }

  /** Removes and returns the messages of all events up to now. */
  public List<String> take() {
    List<ILoggingEvent> taken = new ArrayList<>();
    events.drainTo(taken);
    return taken.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }

  @Override
  public void close() {
    logger.detachAppender(appender);
  }
}
