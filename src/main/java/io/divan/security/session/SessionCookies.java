package io.divan.security.session;

import io.divan.document.DocumentException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;

/**
 * The values of the cookie {@code AuthSession}, byte for byte as CouchDB makes them: {@code
 * NAME:TIME:MAC} in base64url, with the time of issue in hexadecimal seconds, and an HMAC of {@code
 * NAME:TIME} whose key is the secret followed by the user's salt. Safe for use by many threads.
 */
public final class SessionCookies {

  private static final int TIME_DIGITS_MAX = 12;
  private static final int CHARACTERS_MAX = 4_096;

  /**
   * What a cookie claims, before it is verified.
   *
   * @param name the user's name
   * @param issued when the cookie was made
   */
  public record Session(String name, Instant issued) {}

  /**
   * The attributes of the cookie that depend on the configuration. It also has {@code Path=/},
   * {@code HttpOnly} and, on a secure connection, {@code Secure}.
   *
   * @param maxAge for browsers to keep the cookie when they close
   * @param sameSite {@code None}, {@code Lax} or {@code Strict}
   */
  public record Attributes(
      Optional<Duration> maxAge, Optional<String> domain, Optional<String> sameSite) {}

  /** The parts of a cookie. The message is the name, a colon and the time, as they were sent. */
  private record Parts(Session session, byte[] message, byte[] mac) {}

  private final SessionSecrets secrets;
  private final SessionSettings settings;

  SessionCookies(SessionSecrets secrets, SessionSettings settings) {
    this.secrets = secrets;
    this.settings = settings;
  }

  /**
   * Creates the value of a cookie.
   *
   * @param name a user's name, which contains no colon
   * @param salt the salt of the user's password; with a new password, old cookies end
   */
  public String create(String name, String salt, Instant now) {
    String time = Long.toHexString(now.getEpochSecond()).toUpperCase(Locale.ROOT);
    byte[] message = (name + ":" + time).getBytes(StandardCharsets.UTF_8);
    byte[] mac = secrets.sign(message, salt);
    byte[] value = Arrays.copyOf(message, message.length + 1 + mac.length);
    value[message.length] = ':';
    System.arraycopy(mac, 0, value, message.length + 1, mac.length);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(value);
  }

  /**
   * Reads what a cookie claims, and verifies nothing.
   *
   * @return empty for an empty value, and for a time that is no number, both of which CouchDB
   *     ignores
   * @throws DocumentException.BadRequest when the value is malformed
   */
  public Optional<Session> read(String value) {
    return parse(value).map(Parts::session);
  }

  /** Whether a cookie is ours, and has not expired. */
  public boolean verify(String value, String salt, Instant now) {
    Optional<Parts> parts = parse(value);
    return parts.isPresent()
        && now.getEpochSecond() < parts.get().session().issued().getEpochSecond() + timeout()
            .toSeconds()
        && secrets.verify(parts.get().message(), salt, parts.get().mac());
  }

  /** Whether a tenth of the timeout is over, so that the answer carries a new cookie. */
  public boolean wantsRenewal(Instant issued, Instant now) {
    long timeout = timeout().toSeconds();
    long left = issued.getEpochSecond() + timeout - now.getEpochSecond();
    return left < timeout * 0.9;
  }

  /** How long a session lasts. */
  public Duration timeout() {
    return settings.timeout().get();
  }

  /** The present attributes. */
  public Attributes attributes() {
    String domain = settings.cookieDomain().get();
    return new Attributes(
        settings.persistentCookies().get() ? Optional.of(timeout()) : Optional.empty(),
        domain.isEmpty() ? Optional.empty() : Optional.of(domain),
        switch (settings.sameSite().get()) {
          case "none" -> Optional.of("None");
          case "lax" -> Optional.of("Lax");
          case "strict" -> Optional.of("Strict");
          default -> Optional.empty();
        });
  }

  private static Optional<Parts> parse(String value) {
    if (value.isEmpty()) {
      return Optional.empty();
    }
    byte[] bytes = decode(value);
    int nameEnd = colon(bytes, 0);
    int timeEnd = colon(bytes, nameEnd + 1);
    String time =
        new String(bytes, nameEnd + 1, timeEnd - nameEnd - 1, StandardCharsets.ISO_8859_1);
    String name = name(bytes, nameEnd);
    if (time.isEmpty() || time.length() > TIME_DIGITS_MAX
        || !time.chars().allMatch(c -> Character.digit(c, 16) >= 0)) {
      return Optional.empty();
    }
    return Optional.of(
        new Parts(
            new Session(name, Instant.ofEpochSecond(Long.parseLong(time, 16))),
            Arrays.copyOf(bytes, timeEnd),
            Arrays.copyOfRange(bytes, timeEnd + 1, bytes.length)));
  }

  private static byte[] decode(String value) {
    if (value.length() > CHARACTERS_MAX) {
      throw malformed();
    }
    try {
      return Base64.getUrlDecoder().decode(value);
    } catch (IllegalArgumentException e) {
      throw malformed();
    }
  }

  private static int colon(byte[] bytes, int from) {
    for (int i = from; i < bytes.length; i++) {
      if (bytes[i] == ':') {
        return i;
      }
    }
    throw malformed();
  }

  private static String name(byte[] bytes, int length) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes, 0, length))
          .toString();
    } catch (CharacterCodingException e) {
      throw malformed();
    }
  }

  private static DocumentException.BadRequest malformed() {
    return new DocumentException.BadRequest(
        "Malformed AuthSession cookie. Please clear your cookies.");
  }
}
