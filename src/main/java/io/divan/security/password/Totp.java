package io.divan.security.password;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A user's second factor: one-time passwords by time (RFC 6238), a new one every 30 s. As in
 * CouchDB, a token may be used again while it counts.
 *
 * @param key the shared secret
 * @param algorithm {@code sha}, {@code sha224}, {@code sha256}, {@code sha384} or {@code sha512}
 * @param digits the length of a token: 6, 7 or 8
 */
public record Totp(byte[] key, String algorithm, int digits) {

  private static final int STEP_SECONDS = 30;
  private static final int[] MODULUS = {1_000_000, 10_000_000, 100_000_000};
  private static final int DIGITS_MIN = 6;
  private static final int DIGITS_MAX = 8;

  public Totp {
    key = key.clone();
    if (HashAlgorithm.named(algorithm).isEmpty()) {
      throw new IllegalArgumentException("The TOTP algorithm is unknown");
    }
    if (digits < DIGITS_MIN || digits > DIGITS_MAX) {
      throw new IllegalArgumentException("A TOTP token has 6, 7 or 8 digits");
    }
  }

  /**
   * Reads the key of a user document.
   *
   * @throws IllegalArgumentException if the key is not base32, or another value is not accepted
   */
  public static Totp ofBase32(String key, String algorithm, int digits) {
    return new Totp(Base32.decode(key), algorithm, digits);
  }

  /** Whether a token counts now. The token before and the token after count, too. */
  public boolean verify(String token, Instant now) {
    byte[] given = token.getBytes(StandardCharsets.UTF_8);
    boolean matches = false;
    for (int step = -1; step <= 1; step++) { // all three, so that the time does not tell which
      byte[] expected =
          token(now.getEpochSecond() + (long) step * STEP_SECONDS).getBytes(StandardCharsets.UTF_8);
      matches |= MessageDigest.isEqual(expected, given);
    }
    return matches;
  }

  String token(long epochSecond) {
    long counter = Math.floorDiv(epochSecond, STEP_SECONDS);
    return hotp(counter);
  }

  String hotp(long counter) {
    byte[] mac =
        HashAlgorithm.named(algorithm)
            .orElseThrow()
            .mac(key)
            .doFinal(ByteBuffer.allocate(Long.BYTES).putLong(counter).array());
    int offset = mac[mac.length - 1] & 0x0F;
    int code = ByteBuffer.wrap(mac).getInt(offset) & Integer.MAX_VALUE;
    String text = Integer.toString(code % MODULUS[digits - DIGITS_MIN]);
    return "0".repeat(digits - text.length()) + text;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Totp totp
        && MessageDigest.isEqual(key, totp.key)
        && algorithm.equals(totp.algorithm)
        && digits == totp.digits;
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(key);
  }

  /** Describes the factor without its key. */
  @Override
  public String toString() {
    return "Totp[" + algorithm + ", " + digits + "]";
  }
}
