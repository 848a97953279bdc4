package io.divan.security.password;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.concurrent.CancellationException;
import javax.crypto.Mac;

/**
 * PBKDF2 with HMAC (RFC 8018). Java's own {@code SecretKeyFactory} refuses empty passwords and
 * salts, which CouchDB accepts, and cannot be cancelled.
 */
final class Pbkdf2 {

  private static final int CANCEL_CHECK = 0x3FF;

  private Pbkdf2() {}

  /**
   * Derives a key as long as the function's hash, as CouchDB does.
   *
   * @throws CancellationException when the thread was interrupted
   */
  static byte[] derive(HashAlgorithm prf, byte[] password, byte[] salt, int iterations) {
    return derive(prf, password, salt, iterations, prf.bytes());
  }

  static byte[] derive(
      HashAlgorithm prf, byte[] password, byte[] salt, int iterations, int keyBytes) {
    Mac mac = prf.mac(password);
    ByteBuffer key = ByteBuffer.allocate(keyBytes);
    for (int block = 1; key.hasRemaining(); block++) {
      byte[] derived = block(mac, salt, block, iterations);
      key.put(derived, 0, Math.min(derived.length, key.remaining()));
    }
    return key.array();
  }

  private static byte[] block(Mac mac, byte[] salt, int number, int iterations) {
    mac.update(salt);
    byte[] round = mac.doFinal(ByteBuffer.allocate(Integer.BYTES).putInt(number).array());
    byte[] sum = Arrays.copyOf(round, round.length);
    try {
      for (int i = 1; i < iterations; i++) {
        if ((i & CANCEL_CHECK) == 0 && Thread.currentThread().isInterrupted()) {
          throw new CancellationException();
        }
        mac.update(round);
        mac.doFinal(round, 0);
        for (int j = 0; j < sum.length; j++) {
          sum[j] ^= round[j];
        }
      }
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("The buffer of a hash is too short", e);
    }
    return sum;
  }
}
