package io.divan.security.password;

import io.divan.configuration.ValueType;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** A hash algorithm, under Erlang's name for it. */
public enum HashAlgorithm {
  SHA("sha", "SHA-1", "HmacSHA1", 20),
  SHA224("sha224", "SHA-224", "HmacSHA224", 28),
  SHA256("sha256", "SHA-256", "HmacSHA256", 32),
  SHA384("sha384", "SHA-384", "HmacSHA384", 48),
  SHA512("sha512", "SHA-512", "HmacSHA512", 64);

  /** The setting's values: one of the names. */
  public static final ValueType<HashAlgorithm> TYPE =
      new ValueType<>(HashAlgorithm::parse, HashAlgorithm::couchName);

  /** The setting's values: at least one of the names, separated by commas. */
  public static final ValueType<List<HashAlgorithm>> LIST_TYPE =
      new ValueType<>(
          text -> {
            List<HashAlgorithm> all =
                ValueType.WORDS.parse().apply(text).stream()
                    .map(HashAlgorithm::parse)
                    .distinct()
                    .toList();
            if (all.isEmpty()) {
              throw new ValueType.InvalidValue("must name at least one of " + names());
            }
            return all;
          },
          all -> all.stream().map(HashAlgorithm::couchName).collect(Collectors.joining(", ")));

  private final String couchName;
  private final String digestName;
  private final String macName;
  private final int bytes;

  HashAlgorithm(String couchName, String digestName, String macName, int bytes) {
    this.couchName = couchName;
    this.digestName = digestName;
    this.macName = macName;
    this.bytes = bytes;
  }

  /** The algorithm of a name; empty for an unknown one. */
  public static Optional<HashAlgorithm> named(String couchName) {
    return Arrays.stream(values())
        .filter(algorithm -> algorithm.couchName.equals(couchName))
        .findFirst();
  }

  private static HashAlgorithm parse(String name) {
    return named(name)
        .orElseThrow(() -> new ValueType.InvalidValue("must be one of " + names()));
  }

  private static String names() {
    return Arrays.stream(values())
        .map(HashAlgorithm::couchName)
        .collect(Collectors.joining(", "));
  }

  /** The name that CouchDB uses. */
  public String couchName() {
    return couchName;
  }

  /** The length of a hash, in bytes. */
  public int bytes() {
    return bytes;
  }

  /** Returns a message authentication code with a key, which may be empty. */
  public Mac mac(byte[] key) {
    // HMAC pads short keys with zeros; Java refuses an empty key.
    byte[] padded = key.length == 0 ? new byte[1] : key;
    try {
      Mac mac = Mac.getInstance(macName);
      mac.init(new SecretKeySpec(padded, macName));
      return mac;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("This JVM lacks " + macName, e);
    }
  }

  MessageDigest digest() {
    try {
      return MessageDigest.getInstance(digestName);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("This JVM lacks " + digestName, e);
    }
  }
}
