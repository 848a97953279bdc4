package io.divan.security.password;

import static io.divan.configuration.RuntimeConfiguration.Trait.CHANGEABLE;

import io.divan.configuration.RuntimeConfiguration;
import io.divan.configuration.Setting;
import io.divan.configuration.ValueType;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;

/**
 * Failures to log in, by address, name and salt: a new password has a new salt and starts without
 * failures. The failures of one period count, which begins with the first one. Safe for use by many
 * threads.
 */
public final class Lockouts {

  /** What repeated failures lead to. */
  enum Mode {
    /** Failures are not counted. */
    OFF,
    /** A line is logged. */
    WARN,
    /** A line is logged, and the name is locked for the address. */
    ENFORCE
  }

  private record Key(String address, String name, String salt) {}

  /** Where auditors look. */
  private static final System.Logger AUDIT = System.getLogger("divan.audit");

  private static final String SECTION = "chttpd_auth_lockout";
  private static final int NAME_MAX = 128;
  private static final long OBJECTS_MAX = 1_000_000;

  private final Setting<Mode> mode;
  private final Setting<Long> threshold;
  private final RecentEntries<Key, Integer> failures;

  Lockouts(
      Setting<Mode> mode,
      Setting<Long> threshold,
      Setting<Long> maxObjects,
      Setting<Long> maxLifetimeMillis,
      InstantSource clock) {
    this.mode = mode;
    this.threshold = threshold;
    this.failures =
        new RecentEntries<>(
            () -> Math.toIntExact(maxObjects.get()),
            () -> Duration.ofMillis(maxLifetimeMillis.get()),
            clock);
  }

  static Lockouts declare(
      RuntimeConfiguration configuration, LockoutProperties properties, InstantSource clock) {
    return new Lockouts(
        configuration.declare(
            SECTION,
            "mode",
            "divan.lockout.mode",
            ValueType.oneOf(Mode.class),
            properties.mode(),
            CHANGEABLE),
        configuration.declare(
            SECTION,
            "threshold",
            "divan.lockout.threshold",
            ValueType.integer(1, Integer.MAX_VALUE),
            (long) properties.threshold(),
            CHANGEABLE),
        configuration.declare(
            SECTION,
            "max_objects",
            "divan.lockout.max-objects",
            ValueType.integer(1, OBJECTS_MAX),
            (long) properties.maxObjects(),
            CHANGEABLE),
        configuration.declare(
            SECTION,
            "max_lifetime",
            "divan.lockout.max-lifetime",
            ValueType.integer(1, Duration.ofDays(365).toMillis()),
            properties.maxLifetime().toMillis(),
            CHANGEABLE),
        clock);
  }

  /** Whether log-ins of a name from an address are refused now. */
  public boolean isLocked(String address, String name, String salt) {
    return mode.get() == Mode.ENFORCE
        && failures.get(new Key(address, name, salt)).orElse(0) >= threshold.get();
  }

  /** Counts a failure. Logs one line when the failures reach the threshold. */
  public void failed(String address, String name, String salt) {
    Mode now = mode.get();
    if (now == Mode.OFF) {
      return;
    }
    int count =
        failures.merge(
            new Key(address, name, salt), 1, old -> old == Integer.MAX_VALUE ? old : old + 1);
    if (count == threshold.get()) {
      AUDIT.log(
          System.Logger.Level.WARNING,
          "event=lockout_threshold name=" + quote(name) + " address=" + quote(address)
              + " failures=" + count + " mode=" + now.name().toLowerCase(Locale.ROOT));
    }
  }

  /** In quotes, on one line and of bounded length: the text comes from the client. */
  private static String quote(String text) {
    StringBuilder out = new StringBuilder("\"");
    text.codePoints()
        .limit(NAME_MAX)
        .forEach(
            c -> {
              if (c == '"' || c == '\\' || !isPrintable(c)) {
                out.append(String.format("\\u%04x", c));
              } else {
                out.appendCodePoint(c);
              }
            });
    return out.append('"').toString();
  }

  private static boolean isPrintable(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL, Character.FORMAT, Character.SURROGATE, Character.PRIVATE_USE,
          Character.UNASSIGNED, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> false;
      default -> true;
    };
  }
}
