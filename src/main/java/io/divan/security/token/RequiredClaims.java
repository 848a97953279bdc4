package io.divan.security.token;

import io.divan.configuration.ValueType;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The claims that tokens must have. Others are not checked.
 *
 * @param text the setting's text
 * @param names {@code exp}, {@code nbf}, {@code iat}, {@code kid} and {@code typ}; {@code alg} and
 *     {@code sig} are always checked
 * @param issuer the required issuer
 */
record RequiredClaims(String text, Set<String> names, Optional<String> issuer) {

  /** The setting's values. */
  static final ValueType<RequiredClaims> TYPE =
      new ValueType<>(RequiredClaims::parse, RequiredClaims::text);

  private static final Set<String> KNOWN = Set.of("alg", "exp", "iat", "kid", "nbf", "sig", "typ");
  private static final Pattern CLAIM =
      Pattern.compile("\\s*(?:([a-z]+)|\\{\\s*iss\\s*,\\s*\"([^\"]+)\"\\s*\\})\\s*(,|$)");

  RequiredClaims {
    names = Set.copyOf(names);
  }

  /**
   * Reads names and {@code {iss,"ISSUER"}}, separated by commas.
   *
   * @throws ValueType.InvalidValue if a claim is unknown, or the text malformed
   */
  static RequiredClaims parse(String text) {
    Set<String> names = new LinkedHashSet<>();
    Optional<String> issuer = Optional.empty();
    Matcher claim = CLAIM.matcher(text);
    int position = 0;
    boolean more = !text.isBlank();
    while (more) {
      if (!claim.find(position) || claim.start() != position) {
        throw invalid();
      }
      if (claim.group(1) == null) {
        issuer = Optional.of(claim.group(2));
      } else if (!KNOWN.contains(claim.group(1)) || !names.add(claim.group(1))) {
        throw invalid();
      }
      position = claim.end();
      more = !claim.group(3).isEmpty();
    }
    return new RequiredClaims(text, names, issuer);
  }

  private static ValueType.InvalidValue invalid() {
    return new ValueType.InvalidValue(
        "must be a list of alg, exp, iat, kid, nbf, sig, typ and {iss,\"ISSUER\"}, each at most"
            + " once, separated by commas");
  }

  boolean has(String name) {
    return names.contains(name);
  }
}
