package io.divan.logging;

import java.time.Duration;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * One log line of key-value pairs. As text, it consists of words of the form {@code key=value},
 * with the values of clients in quotes. Structured logs also contain each pair as a field.
 */
public final class LogLine {

  /** The most characters of a value, unless the caller chooses another bound. */
  public static final int VALUE_MAX = 128;

  private LoggingEventBuilder event;
  private final StringBuilder text = new StringBuilder(128);

  private LogLine(LoggingEventBuilder event) {
    this.event = event;
  }

  /** Begins a line. The caller has checked that the level is enabled, if that matters. */
  public static LogLine at(Logger logger, Level level) {
    return new LogLine(logger.atLevel(level));
  }

  /** Adds text that is part of no pair. */
  public LogLine text(String words) {
    space().append(words);
    return this;
  }

  /** Adds a value of the service's own, which needs no quotes. */
  public LogLine add(String key, Object value) {
    return add(key, key, value);
  }

  /**
   * Adds a value of the service's own.
   *
   * @param field the key in structured logs
   */
  public LogLine add(String key, String field, Object value) {
    space().append(key).append('=').append(value);
    event = event.addKeyValue(field, value);
    return this;
  }

  /** Adds a duration in milliseconds. */
  public LogLine millis(String key, long nanos) {
    double millis = Math.round(nanos / 1e3) / 1e3;
    space().append(key).append('=').append(String.format(Locale.ROOT, "%.3f", millis));
    event = event.addKeyValue(key, millis);
    return this;
  }

  /** Adds a duration in milliseconds. */
  public LogLine millis(String key, Duration duration) {
    return millis(key, duration.toNanos());
  }

  /** Adds a value that a client may have chosen, in quotes. */
  public LogLine quote(String key, String value) {
    return quote(key, value, VALUE_MAX);
  }

  /**
   * Adds a value that a client may have chosen, in quotes.
   *
   * @param max the most characters that are kept
   */
  public LogLine quote(String key, String value, int max) {
    appendQuoted(space().append(key).append('='), value, max);
    event = event.addKeyValue(key, value.length() > max ? value.substring(0, max) + "…" : value);
    return this;
  }

  /** Logs the line. */
  public void log() {
    event.log(text.toString());
  }

  private StringBuilder space() {
    return text.isEmpty() ? text : text.append(' ');
  }

  /** Returns a text in quotes, on one line, with at most {@code max} of its characters. */
  public static String quoted(String value, int max) {
    StringBuilder out = new StringBuilder(Math.min(value.length(), max) + 2);
    appendQuoted(out, value, max);
    return out.toString();
  }

  private static void appendQuoted(StringBuilder out, String value, int max) {
    out.append('"');
    for (int i = 0; i < Math.min(value.length(), max); i++) {
      char c = value.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (isUnprintable(c)) {
        out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    out.append(value.length() > max ? "…\"" : "\"");
  }

  /** Whether a character could end the line or change what a terminal shows before it. */
  private static boolean isUnprintable(char c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR,
          Character.FORMAT, Character.SURROGATE -> true;
      default -> false;
    };
  }
}
