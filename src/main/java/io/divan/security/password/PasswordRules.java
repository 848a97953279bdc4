package io.divan.security.password;

import static io.divan.configuration.RuntimeConfiguration.Trait.CHANGEABLE;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.divan.configuration.InvalidProperty;
import io.divan.configuration.RuntimeConfiguration;
import io.divan.configuration.Setting;
import io.divan.configuration.ValueType;
import io.divan.document.DocumentException;
import java.util.List;

/**
 * What new passwords of users must match: regular expressions that an administrator sets. They run
 * in linear time; expressions that cannot, such as those with lookaheads, are refused when they are
 * set. Safe for use by many threads.
 */
public final class PasswordRules {

  /** Accepts every password. */
  public static final PasswordRules NONE = new PasswordRules(Setting.of(Rules.NONE));

  private static final String REASON = "Password does not conform to requirements.";

  /** An expression, and the reason for refusing a password that does not match it. */
  private record Rule(Pattern pattern, String reason) {}

  /** The setting's value: its text and what the text says. */
  private record Rules(String text, List<Rule> rules) {
    static final Rules NONE = new Rules("", List.of());

    static Rules parse(String text) {
      if (text.isBlank()) {
        return NONE;
      }
      return new Rules(text, ErlangStrings.read(text).stream().map(Rules::rule).toList());
    }

    private static Rule rule(List<String> term) {
      String reason = term.size() > 1 && !term.get(1).isEmpty() ? " " + term.get(1) : "";
      try {
        return new Rule(Pattern.compile(term.getFirst()), REASON + reason);
      } catch (PatternSyntaxException e) {
        throw new ValueType.InvalidValue(
            "has an expression that is not accepted: " + e.getMessage()
                + ". The syntax is RE2's, without lookaheads and backreferences");
      }
    }
  }

  private final Setting<Rules> rules;

  private PasswordRules(Setting<Rules> rules) {
    this.rules = rules;
  }

  static PasswordRules declare(RuntimeConfiguration configuration, PasswordProperties properties) {
    String property = "divan.authentication.password-regexp";
    Rules configured;
    try {
      configured = Rules.parse(properties.passwordRegexp());
    } catch (ValueType.InvalidValue e) {
      throw new InvalidProperty(property, String.valueOf(e.getMessage()));
    }
    return new PasswordRules(
        configuration.declare(
            "chttpd_auth",
            "password_regexp",
            property,
            new ValueType<>(Rules::parse, Rules::text),
            configured,
            CHANGEABLE));
  }

  /**
   * Checks a new password.
   *
   * @throws DocumentException.BadRequest when it does not match an expression
   */
  public void check(String password) {
    for (Rule rule : rules.get().rules()) {
      if (!rule.pattern().matcher(password).find()) {
        throw new DocumentException.BadRequest(rule.reason());
      }
    }
  }
}
