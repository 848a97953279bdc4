package io.divan.api.http;

import java.security.SecureRandom;
import java.util.HexFormat;
import org.springframework.stereotype.Component;

/**
 * Generates ids for documents without one, with CouchDB's algorithm "sequential": 26 random
 * hexadecimal digits, then 6 that grow by random increments. When these overflow, new random digits
 * are chosen. Consecutive ids are neighbours in the store. Thread-safe.
 */
@Component
public final class Uuids {
  private static final int STEP_MAX = 0xFFE;
  private static final int SUFFIX_MAX = 0xFFFFFF - STEP_MAX - 1;

  private final SecureRandom random = new SecureRandom();
  private String prefix = "";
  private int suffix = SUFFIX_MAX + 1;

  public synchronized String next() {
    if (suffix > SUFFIX_MAX) {
      byte[] bytes = new byte[13];
      random.nextBytes(bytes);
      prefix = HexFormat.of().formatHex(bytes);
      suffix = 0;
    }
    suffix += 1 + random.nextInt(STEP_MAX);
    return prefix + HexFormat.of().toHexDigits(suffix, 6);
  }
}
