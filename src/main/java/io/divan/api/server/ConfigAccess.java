package io.divan.api.server;

import io.divan.api.http.ApiException;
import io.divan.configuration.RuntimeConfiguration;
import io.divan.configuration.RuntimeConfiguration.Trait;
import io.divan.configuration.Setting;
import io.divan.configuration.ValueType;
import io.divan.document.DocumentException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Limits which settings can be changed over HTTP: never those of sections that could run programs
 * in CouchDB, and only those of {@code chttpd/config_whitelist} where that is set.
 */
@Component
final class ConfigAccess {
  private static final Logger LOG = LoggerFactory.getLogger(ConfigAccess.class);

  private static final Set<String> UNCHANGEABLE_SECTIONS =
      Set.of(
          "daemons",
          "external",
          "feature_flags",
          "httpd_db_handlers",
          "httpd_design_handlers",
          "httpd_global_handlers",
          "native_query_servers",
          "os_daemons",
          "query_servers");

  private static final String SECTION = "chttpd";
  private static final String KEY = "config_whitelist";

  /** What a list without this form allows, so that it can be corrected. */
  private static final ErlangTerm FALLBACK =
      new ErlangTerm.Sequence(
          List.of(
              new ErlangTerm.Tuple(
                  List.of(new ErlangTerm.Text(SECTION), new ErlangTerm.Text(KEY)))));

  private final Setting<String> whitelist;

  ConfigAccess(RuntimeConfiguration configuration, NodeProperties properties) {
    whitelist =
        configuration.declare(
            SECTION,
            KEY,
            "divan.server.config-whitelist",
            ValueType.TEXT,
            properties.configWhitelist(),
            Trait.CHANGEABLE);
  }

  /** Checks that settings of a section can be changed. */
  void checkSection(String section) {
    if (UNCHANGEABLE_SECTIONS.contains(section)) {
      throw new DocumentException.Forbidden(
          "Config section blacklisted for modification over HTTP API.");
    }
  }

  /** Checks that the list of changeable settings contains a setting, where there is a list. */
  void checkListed(String section, String key) {
    String text = whitelist.get();
    if (!text.isEmpty() && !allows(text, RuntimeConfiguration.sectionOf(section), key)) {
      throw new ApiException(
          400, "modification_not_allowed", "This config variable is read-only");
    }
  }

  private static boolean allows(String text, String section, String key) {
    Optional<ErlangTerm> term = ErlangTerm.parse(text);
    if (term.isEmpty()) {
      LOG.error("{}/{} is not an Erlang term, so only itself can be changed", SECTION, KEY);
    }
    ErlangTerm list = term.filter(ErlangTerm::isList).orElse(FALLBACK);
    return list instanceof ErlangTerm.Sequence(var elements)
        && elements.stream().anyMatch(element -> matches(element, section, key));
  }

  private static boolean matches(ErlangTerm element, String section, String key) {
    return element instanceof ErlangTerm.Tuple(var pair)
        && pair.size() == 2
        && pair.getFirst() instanceof ErlangTerm.Text(String listedSection)
        && pair.getLast() instanceof ErlangTerm.Text(String listedKey)
        && RuntimeConfiguration.sectionOf(listedSection).equals(section)
        && (listedKey.equals(key) || listedKey.equals("*"));
  }
}
