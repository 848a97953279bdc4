package io.divan.logging;

import io.divan.configuration.InvalidProperty;
import io.divan.configuration.RuntimeConfiguration;
import io.divan.configuration.RuntimeConfiguration.Trait;
import io.divan.configuration.Setting;
import io.divan.configuration.ValueType;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.stereotype.Component;

/**
 * What is logged of requests and transactions: {@code divan.logging} and the section {@code log}.
 */
@Component
@EnableConfigurationProperties(LoggingProperties.class)
public final class LogSettings {
  private static final String SECTION = "log";
  private static final String PROPERTIES = "divan.logging.";
  private static final String OFF = "off";
  private static final Pattern DURATION = Pattern.compile("([0-9]{1,9})(ms|s|m|h|)");

  /** The least duration that is slow; zero if none is. */
  static final ValueType<Duration> THRESHOLD =
      new ValueType<>(LogSettings::parse, LogSettings::format);

  private final Setting<Duration> slowRequest;
  private final Setting<Duration> slowTransaction;
  private final Setting<Boolean> access;

  LogSettings(RuntimeConfiguration configuration, LoggingProperties properties) {
    slowRequest =
        threshold(configuration, "slow_request", "slow-request", properties.slowRequest());
    slowTransaction =
        threshold(
            configuration, "slow_transaction", "slow-transaction", properties.slowTransaction());
    access =
        configuration.declare(
            SECTION,
            "access",
            PROPERTIES + "access.enabled",
            ValueType.BOOLEAN,
            properties.access().enabled(),
            Trait.CHANGEABLE);
  }

  private static Setting<Duration> threshold(
      RuntimeConfiguration configuration, String key, String property, String configured) {
    Duration value;
    try {
      value = THRESHOLD.parse().apply(configured);
    } catch (ValueType.InvalidValue e) {
      throw new InvalidProperty(PROPERTIES + property, String.valueOf(e.getMessage()));
    }
    return configuration.declare(
        SECTION, key, PROPERTIES + property, THRESHOLD, value, Trait.CHANGEABLE);
  }

  private static Duration parse(String text) {
    if (text.equals(OFF) || text.equals("false")) { // YAML reads "off" as false
      return Duration.ZERO;
    }
    Matcher matcher = DURATION.matcher(text);
    if (!matcher.matches()) {
      throw new ValueType.InvalidValue("must be a duration such as 500ms or 5s, or " + OFF);
    }
    long number = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "s" -> Duration.ofSeconds(number);
      case "m" -> Duration.ofMinutes(number);
      case "h" -> Duration.ofHours(number);
      default -> Duration.ofMillis(number);
    };
  }

  private static String format(Duration value) {
    if (value.isZero()) {
      return OFF;
    }
    return value.toMillisPart() == 0 ? value.toSeconds() + "s" : value.toMillis() + "ms";
  }

  /** The least duration of a slow request; zero if none is slow. */
  public Duration slowRequest() {
    return slowRequest.get();
  }

  /** The least duration of a slow transaction; zero if none is slow. */
  public Duration slowTransaction() {
    return slowTransaction.get();
  }

  /** Whether each request is logged after it has ended. */
  public boolean logsAccess() {
    return access.get();
  }
}
