package io.divan;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Recognises secrets in text: passwords and keys of tests by a mark that they contain, cookies,
 * tokens and Basic credentials by their form.
 */
public final class Secrets {

  /** Part of every secret of the tests that is long enough to be recognised. */
  public static final String MARK = "5ecret";

  private static final Pattern FORMS =
      Pattern.compile(
          MARK + "|AuthSession=[-_A-Za-z0-9]{16,}|eyJ[-_A-Za-z0-9]{8,}\\.[-_A-Za-z0-9]{4,}"
              + "|(?i:basic) ([A-Za-z0-9+/]{4,}={0,2})");

  private Secrets() {}

  /** Finds the first secret in a text. */
  public static Optional<String> find(String text) {
    Matcher matcher = FORMS.matcher(text);
    while (matcher.find()) {
      if (matcher.group(1) == null || isCredentials(matcher.group(1))) {
        return Optional.of(matcher.group());
      }
    }
    return Optional.empty();
  }

  /** Whether a word is a name and password in base64, and no word of a sentence. */
  private static boolean isCredentials(String word) {
    try {
      String decoded =
          new String(Base64.getDecoder().decode(word), StandardCharsets.ISO_8859_1);
      return decoded.indexOf(':') > 0 && decoded.chars().allMatch(c -> c >= ' ' && c < 0x7F);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
