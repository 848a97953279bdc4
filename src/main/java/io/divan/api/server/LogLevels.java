package io.divan.api.server;

import io.divan.configuration.RuntimeConfiguration;
import io.divan.configuration.RuntimeConfiguration.Trait;
import io.divan.configuration.Setting;
import io.divan.configuration.ValueType;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggerConfiguration;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.stereotype.Component;

/** {@code log/level}: the level of this service's own loggers. */
@Component
final class LogLevels {
  private static final String LOGGER = "io.divan";

  /** CouchDB's levels. Spring's are fewer: the next more detailed one applies. */
  private static final Map<String, LogLevel> LEVELS =
      Map.ofEntries(
          Map.entry("debug", LogLevel.DEBUG),
          Map.entry("info", LogLevel.INFO),
          Map.entry("notice", LogLevel.INFO),
          Map.entry("warning", LogLevel.WARN),
          Map.entry("warn", LogLevel.WARN),
          Map.entry("error", LogLevel.ERROR),
          Map.entry("err", LogLevel.ERROR),
          Map.entry("critical", LogLevel.ERROR),
          Map.entry("crit", LogLevel.ERROR),
          Map.entry("alert", LogLevel.ERROR),
          Map.entry("emergency", LogLevel.ERROR),
          Map.entry("emerg", LogLevel.ERROR),
          Map.entry("none", LogLevel.OFF));

  private static final Map<LogLevel, String> NAMES =
      Map.of(
          LogLevel.TRACE, "debug",
          LogLevel.DEBUG, "debug",
          LogLevel.INFO, "info",
          LogLevel.WARN, "warning",
          LogLevel.ERROR, "error",
          LogLevel.FATAL, "error",
          LogLevel.OFF, "none");

  private static final ValueType<String> LEVEL =
      new ValueType<>(
          text -> {
            if (!LEVELS.containsKey(text)) {
              throw new ValueType.InvalidValue(
                  "must be one of " + new TreeSet<>(LEVELS.keySet()));
            }
            return text;
          },
          text -> text);

  private final LoggingSystem logging;
  private final LogLevel configured;
  private final Setting<String> level;
  private final String initial;

  LogLevels(RuntimeConfiguration configuration, LoggingSystem logging) {
    this.logging = logging;
    this.configured =
        Optional.ofNullable(logging.getLoggerConfiguration(LOGGER))
            .map(LoggerConfiguration::getEffectiveLevel)
            .orElse(LogLevel.INFO);
    this.initial = NAMES.getOrDefault(configured, "info");
    this.level =
        configuration.declare(
            "log", "level", "logging.level.io.divan", LEVEL, initial, Trait.CHANGEABLE);
    configuration.onChange(this::apply);
    apply();
  }

  private void apply() {
    String now = level.get();
    LogLevel wanted = now.equals(initial) ? configured : LEVELS.getOrDefault(now, configured);
    LoggerConfiguration known = logging.getLoggerConfiguration(LOGGER);
    if (known == null || known.getEffectiveLevel() != wanted) {
      logging.setLogLevel(LOGGER, wanted);
    }
  }
}
