package io.divan.security;

import io.divan.document.Principal;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes one line for each event that an auditor looks for, to the logger {@code divan.audit}:
 * words of the form {@code key=value}, values from clients in quotes. No line contains a password,
 * a token or a cookie. Safe for use by many threads.
 */
public final class Audit {
  private static final Logger LOG = LoggerFactory.getLogger("divan.audit");
  private static final int VALUE_MAX = 128;
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
    LOG.warn(
        "event=login_failed name={} address={} handler={}", quote(name), quote(address), handler);
  }

  /** A log-in was refused without looking at the password. */
  void lockedOut(String name, String address) {
    lockouts.increment();
    LOG.warn("event=locked_out name={} address={}", quote(name), quote(address));
  }

  /** User documents were created, changed or deleted. */
  void usersChanged(Principal by, List<String> ids) {
    for (String id : ids.size() > IDS_MAX ? ids.subList(0, IDS_MAX) : ids) {
      LOG.info("event=user_changed id={} by={}", quote(id), by(by));
    }
    if (ids.size() > IDS_MAX) {
      LOG.info("event=user_changed more={} by={}", ids.size() - IDS_MAX, by(by));
    }
  }

  /** A database's security object was changed. */
  public void securityChanged(String database, Principal by) {
    LOG.info("event=security_changed database={} by={}", quote(database), by(by));
  }

  /**
   * A setting was changed or removed.
   *
   * @param action {@code set} or {@code delete}
   * @param persist whether the change outlives this run
   */
  public void configurationChanged(
      String action, String section, String key, boolean persist, Principal by, String address) {
    LOG.info(
        "event=configuration_changed action={} section={} key={} persist={} by={} address={}",
        action,
        quote(section),
        quote(key),
        persist,
        by(by),
        quote(address));
  }

  /** The stored settings were read again. */
  public void configurationReloaded(Principal by, String address) {
    LOG.info("event=configuration_reloaded by={} address={}", by(by), quote(address));
  }

  private static String by(Principal principal) {
    return principal.name().map(Audit::quote).orElse("-");
  }

  /** In quotes, on one line, and not longer than {@value #VALUE_MAX} characters. */
  static String quote(String text) {
    StringBuilder out = new StringBuilder(text.length() + 2).append('"');
    for (int i = 0; i < Math.min(text.length(), VALUE_MAX); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (Character.isISOControl(c) || Character.getType(c) == Character.LINE_SEPARATOR
          || Character.getType(c) == Character.PARAGRAPH_SEPARATOR) {
        out.append(String.format("\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    return out.append(text.length() > VALUE_MAX ? "…\"" : "\"").toString();
  }
}
