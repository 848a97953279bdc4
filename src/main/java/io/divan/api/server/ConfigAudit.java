package io.divan.api.server;

import io.divan.document.Principal;
import io.divan.json.JsonBuffer;
import jakarta.servlet.http.HttpServletRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes an audit line for each change of a setting, without its value. */
final class ConfigAudit {
  private static final Logger AUDIT = LoggerFactory.getLogger("divan.audit");

  private ConfigAudit() {}

  static void changed(
      String action,
      String section,
      String key,
      boolean persist,
      Principal principal,
      HttpServletRequest request) {
    AUDIT.info(
        "event=config_changed action={} section={} key={} persist={} name={} address={}",
        action,
        quote(section),
        quote(key),
        persist,
        quote(principal.name().orElse("")),
        quote(request.getRemoteAddr()));
  }

  static void reloaded(Principal principal, HttpServletRequest request) {
    AUDIT.info(
        "event=config_reloaded name={} address={}",
        quote(principal.name().orElse("")),
        quote(request.getRemoteAddr()));
  }

  /** Quotes a name and escapes its control characters. */
  private static String quote(String name) {
    return new JsonBuffer().string(name).toString();
  }
}
