package io.divan.api.http;

import static io.divan.configuration.RuntimeConfiguration.Trait.CHANGEABLE;

import io.divan.configuration.RuntimeConfiguration;
import io.divan.configuration.Setting;
import io.divan.configuration.ValueType;
import io.divan.security.Access;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * What a 401 asks the client to do. As in CouchDB, programs get no {@code WWW-Authenticate},
 * because browsers would then show a dialogue of their own; a program can ask for the header.
 * Browsers are sent to a page to log in.
 */
final class LoginPrompts {

  /**
   * The prompts.
   *
   * @param wwwAuthenticate the {@code WWW-Authenticate} header of every 401; empty for none
   * @param authenticationRedirect where browsers are sent that accept HTML and no JSON; empty to
   *     answer them 401 as well
   */
  @ConfigurationProperties("divan.login")
  record Properties(
      @DefaultValue("") String wwwAuthenticate,
      @DefaultValue("/_utils/session.html") String authenticationRedirect) {}

  /** Declares the settings. */
  @Configuration(proxyBeanMethods = false)
  @EnableConfigurationProperties(Properties.class)
  static class Declaration {

    @Bean
    LoginPrompts loginPrompts(
        Properties properties, RuntimeConfiguration configuration, Access access) {
      return new LoginPrompts(
          configuration.declare(
              "chttpd",
              "WWW-Authenticate",
              "divan.login.www-authenticate",
              ValueType.TEXT,
              properties.wwwAuthenticate(),
              CHANGEABLE),
          configuration.declare(
              "chttpd_auth",
              "authentication_redirect",
              "divan.login.authentication-redirect",
              ValueType.TEXT,
              properties.authenticationRedirect(),
              CHANGEABLE),
          access::promptsBrowsers);
    }
  }

  private static final String ASKED = "X-CouchDB-WWW-Authenticate";
  private static final String HEADER = "WWW-Authenticate";

  private final Setting<String> always;
  private final Setting<String> redirect;
  private final BooleanSupplier promptsBrowsers;

  /**
   * Creates the prompts.
   *
   * @param promptsBrowsers whether browsers are asked for a name and password by a dialogue
   */
  LoginPrompts(
      Setting<String> always, Setting<String> redirect, BooleanSupplier promptsBrowsers) {
    this.always = always;
    this.redirect = redirect;
    this.promptsBrowsers = promptsBrowsers;
  }

  /**
   * Sets the headers of a response to a request without the necessary credentials.
   *
   * @return its status: 401, or 302 for browsers
   */
  int prompt(
      HttpServletRequest request, HttpServletResponse response, String error, String reason) {
    String asked = request.getHeader(ASKED);
    if (asked != null || !always.get().isEmpty()) {
      response.setHeader(HEADER, asked != null ? asked : always.get());
    } else if (!error.equals("unauthorized") || redirect.get().isEmpty()) {
      return 401;
    } else if (promptsBrowsers.getAsBoolean()) {
      response.setHeader(HEADER, "Basic realm=\"server\"");
    } else if (!accepts(request, "application", "json") && accepts(request, "text", "html")) {
      String page =
          redirect.get()
              + "?return="
              + Responses.encode(request.getRequestURI())
              + "&reason="
              + Responses.encode(reason);
      response.setHeader("Location", Responses.absolute(request, page));
      return 302;
    }
    return 401;
  }

  /** Whether the client accepts a type; without a header it accepts every type. */
  private static boolean accepts(HttpServletRequest request, String type, String subtype) {
    String header = request.getHeader("Accept");
    if (header == null) {
      return true;
    }
    for (String range : header.toLowerCase(Locale.ROOT).split(",")) {
      String[] parts = range.split(";");
      String media = parts[0].strip();
      boolean matches =
          media.equals("*/*") || media.equals(type + "/*") || media.equals(type + "/" + subtype);
      boolean refused = false;
      for (int i = 1; i < parts.length; i++) {
        refused |= parts[i].strip().matches("q=0(\\.0*)?");
      }
      if (matches && !refused) {
        return true;
      }
    }
    return false;
  }
}
