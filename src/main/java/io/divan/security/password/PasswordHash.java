package io.divan.security.password;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The hash of a password, as user documents and the section {@code admins} hold it.
 *
 * @param scheme {@link #PBKDF2}, {@link #SIMPLE} or {@link #SIMPLE_PBKDF2}
 * @param prf the hash function of PBKDF2: {@code sha}, {@code sha224}, {@code sha256}, {@code
 *     sha384} or {@code sha512}; empty for {@link #SIMPLE}
 * @param salt any text; its UTF-8 bytes count
 * @param iterations the rounds of PBKDF2; 0 for {@link #SIMPLE}
 * @param key the hash in lower-case hexadecimal digits
 */
public record PasswordHash(String scheme, String prf, String salt, int iterations, String key) {

  /** PBKDF2 of the password. */
  public static final String PBKDF2 = "pbkdf2";

  /** SHA-1 of the password followed by the salt. */
  public static final String SIMPLE = "simple";

  /** PBKDF2 of the hash that {@link #SIMPLE} gives. */
  public static final String SIMPLE_PBKDF2 = "simple+pbkdf2";

  private static final Pattern SIMPLE_TEXT = Pattern.compile("-hashed-([0-9a-f]{40}),([^,]*)");
  private static final Pattern PBKDF2_TEXT =
      Pattern.compile(
          "-(pbkdf2|simple\\+pbkdf2)(?::(sha(?:|224|256|384|512)))?"
              + "-((?:[0-9a-f]{2})+),([^,]*),([0-9]{1,10})");

  /** Creates a hash of the scheme {@link #PBKDF2}. */
  public static PasswordHash pbkdf2(HashAlgorithm prf, String salt, int iterations, String key) {
    return new PasswordHash(PBKDF2, prf.couchName(), salt, iterations, key);
  }

  /** Creates a hash of the scheme {@link #SIMPLE}. */
  public static PasswordHash simple(String salt, String key) {
    return new PasswordHash(SIMPLE, "", salt, 0, key);
  }

  /**
   * Reads the hash of an administrator's password: {@code -pbkdf2:PRF-KEY,SALT,ITERATIONS}, {@code
   * -pbkdf2-KEY,SALT,ITERATIONS} or {@code -hashed-KEY,SALT}.
   *
   * @return empty if the text is not such a hash
   */
  public static Optional<PasswordHash> parse(String text) {
    Matcher simple = SIMPLE_TEXT.matcher(text);
    if (simple.matches()) {
      return Optional.of(simple(simple.group(2), simple.group(1)));
    }
    Matcher pbkdf2 = PBKDF2_TEXT.matcher(text);
    if (!pbkdf2.matches()) {
      return Optional.empty();
    }
    long iterations = Long.parseLong(pbkdf2.group(5));
    if (iterations < 1 || iterations > Integer.MAX_VALUE) {
      return Optional.empty();
    }
    String prf = Optional.ofNullable(pbkdf2.group(2)).orElse("sha");
    return Optional.of(
        new PasswordHash(
            pbkdf2.group(1), prf, pbkdf2.group(4), (int) iterations, pbkdf2.group(3)));
  }

  /** Writes the hash as {@link #parse} reads it. */
  public String toText() {
    if (scheme.equals(SIMPLE)) {
      return "-hashed-" + key + "," + salt;
    }
    String function = prf.equals("sha") ? "" : ":" + prf;
    return "-" + scheme + function + "-" + key + "," + salt + "," + iterations;
  }

  /** Describes the hash without the key and the salt. */
  @Override
  public String toString() {
    return "PasswordHash[" + scheme + ", " + prf + ", " + iterations + "]";
  }
}
