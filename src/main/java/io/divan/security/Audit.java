package io.divan.security;

import io.divan.document.Principal;
import io.divan.logging.LogLine;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Writes one line for each event that an auditor looks for, to the logger {@code divan.audit}:
 * words of the form {@code key=value}, values from clients in quotes. Structured logs contain the
 * same keys as fields, and the event as {@code audit}. No line contains a password, a token or a
 * cookie. Safe for use by many threads.
 */
public final class Audit {
  private static final Logger LOG = LoggerFactory.getLogger("divan.audit");
  private static final int IDS_MAX = 20;

  private final MeterRegistry registry;
  private final Counter lockouts;

  Audit(MeterRegistry registry) {
    this.registry = registry;
    this.lockouts =
        Counter.builder("divan.lockouts")
            .description("Log-ins that were refused because of earlier failures")
            .register(registry);
    for (String handler : List.of("default", "cookie", "totp")) {
      failures(handler);
    }
  }

  private Counter failures(String handler) {
    return Counter.builder("divan.login.failures")
        .description("Wrong names, passwords and second factors")
        .tag("handler", handler)
        .register(registry);
  }

  /** A name and password, or a name and token, were refused. */
  void loginFailed(String name, String address, String handler) {
    failures(handler).increment();
    event(Level.WARN, "login_failed")
        .quote("name", name)
        .quote("address", address)
        .add("handler", handler)
        .log();
  }

  /** A log-in was refused without looking at the password. */
  void lockedOut(String name, String address) {
    lockouts.increment();
    event(Level.WARN, "locked_out").quote("name", name).quote("address", address).log();
  }

  /** User documents were created, changed or deleted. */
  void usersChanged(Principal by, List<String> ids) {
    for (String id : ids.size() > IDS_MAX ? ids.subList(0, IDS_MAX) : ids) {
      by(event(Level.INFO, "user_changed").quote("id", id), by).log();
    }
    if (ids.size() > IDS_MAX) {
      by(event(Level.INFO, "user_changed").add("more", ids.size() - IDS_MAX), by).log();
    }
  }

  /** A database's security object was changed. */
  public void securityChanged(String database, Principal by) {
    by(event(Level.INFO, "security_changed").quote("database", database), by).log();
  }

  /**
   * A setting was changed or removed.
   *
   * @param action {@code set} or {@code delete}
   * @param persist whether the change outlives this run
   */
  public void configurationChanged(
      String action, String section, String key, boolean persist, Principal by, String address) {
    LogLine line =
        event(Level.INFO, "configuration_changed")
            .add("action", action)
            .quote("section", section)
            .quote("key", key)
            .add("persist", persist);
    by(line, by).quote("address", address).log();
  }

  /** The stored settings were read again. */
  public void configurationReloaded(Principal by, String address) {
    by(event(Level.INFO, "configuration_reloaded"), by).quote("address", address).log();
  }

  private static LogLine event(Level level, String name) {
    return LogLine.at(LOG, level).add("event", "audit", name);
  }

  private static LogLine by(LogLine line, Principal principal) {
    return principal.name().isPresent()
        ? line.quote("by", principal.name().get())
        : line.add("by", "-");
  }
}
