package io.divan.storage;

import io.divan.json.Utf8;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Set;

/**
 * The encoding of database names in file names. Lower-case letters, digits, {@code _}, {@code -},
 * {@code +}, {@code $}, {@code (} and {@code )} stay; every other byte is percent-encoded with
 * upper-case digits, and so is the first letter of a name that some file system reserves. The
 * encoding is reversible, and two names never share a file, even on a file system that ignores
 * case.
 */
public final class DatabaseNames {

  /** The longest encoded name. It is the same on every backend, so that databases can move. */
  static final int ENCODED_BYTES_MAX = 200;

  private static final Set<String> RESERVED =
      Set.of(
          "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7",
          "com8", "com9", "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9");

  private DatabaseNames() {}

  /**
   * Encodes a name.
   *
   * @throws StorageException.LimitExceeded if the encoded name is too long
   * @throws IllegalArgumentException if the name is not well-formed Unicode
   */
  public static String encode(String name) {
    String encoded = encodeAny(name);
    if (encoded.length() > ENCODED_BYTES_MAX) {
      throw new StorageException.LimitExceeded(Limits.Limit.DATABASE_NAME, encoded.length());
    }
    return encoded;
  }

  /** Whether a database can have this name, that is, whether {@link #encode} accepts it. */
  public static boolean isPossible(String name) {
    return Utf8.isWellFormed(name) && encodeAny(name).length() <= ENCODED_BYTES_MAX;
  }

  private static String encodeAny(String name) {
    StringBuilder encoded = new StringBuilder(name.length() + 8);
    for (byte b : Utf8.encode(name)) {
      if (isPlain(b) && !(encoded.isEmpty() && RESERVED.contains(name))) {
        encoded.append((char) b);
      } else {
        encoded.append('%').append(HexFormat.of().withUpperCase().toHexDigits(b));
      }
    }
    return encoded.toString();
  }

  /**
   * Decodes a name.
   *
   * @throws IllegalArgumentException if {@link #encode} returns this for no name
   */
  public static String decode(String encoded) {
    byte[] bytes = new byte[encoded.length()];
    int length = 0;
    for (int i = 0; i < encoded.length(); i++) {
      char c = encoded.charAt(i);
      if (c == '%' && i + 2 < encoded.length()) {
        bytes[length++] = (byte) HexFormat.fromHexDigits(encoded, i + 1, i + 3);
        i += 2;
      } else if (c < 128) {
        bytes[length++] = (byte) c;
      }
    }
    String name = Utf8.decode(Arrays.copyOf(bytes, length));
    if (!isPossible(name) || !encodeAny(name).equals(encoded)) {
      throw new IllegalArgumentException("Not an encoded database name: " + encoded);
    }
    return name;
  }

  private static boolean isPlain(byte b) {
    return b >= 'a' && b <= 'z' || b >= '0' && b <= '9' || "_-+$()".indexOf(b) >= 0;
  }
}
