package io.divan.api.http;

import java.security.SecureRandom;
import java.util.HexFormat;
import org.springframework.stereotype.Component;

/**
 * Ids for documents that come without one, as CouchDB's algorithm "sequential" makes them: 26
 * random hexadecimal digits, then 6 that grow by random steps until they are used up. Ids made one
 * after the other are neighbours in the store. Safe for use by many threads.
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
