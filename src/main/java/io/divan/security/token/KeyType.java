package io.divan.security.token;

import io.divan.configuration.ValueType;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/** The types of keys that verify tokens. */
enum KeyType {
  HMAC("hmac", SecretKey.class),
  RSA("rsa", RSAPublicKey.class),
  EC("ec", ECPublicKey.class);

  private static final Pattern PEM =
      Pattern.compile(
          "\\s*-----BEGIN PUBLIC KEY-----\\s*([A-Za-z0-9+/=\\s]+)-----END PUBLIC KEY-----\\s*");

  private final String prefix;
  private final Class<? extends Key> keyClass;

  KeyType(String prefix, Class<? extends Key> keyClass) {
    this.prefix = prefix;
    this.keyClass = keyClass;
  }

  /** The type of the entry {@code hmac:KID}, {@code rsa:KID} or {@code ec:KID}. */
  static Optional<KeyType> ofEntry(String entry) {
    return Arrays.stream(values())
        .filter(type -> entry.startsWith(type.prefix + ":"))
        .filter(type -> entry.length() > type.prefix.length() + 1)
        .findFirst();
  }

  /** The entry of a key id. */
  String entry(String kid) {
    return prefix + ":" + kid;
  }

  boolean isTypeOf(Key key) {
    return keyClass.isInstance(key);
  }

  /**
   * Reads a key: a secret in base64, or a public key as PEM, in which {@code \n} may stand for a
   * line break.
   *
   * @throws ValueType.InvalidValue if it is not a key of this type
   */
  Key parse(String text) {
    return this == HMAC ? secret(text) : publicKey(text);
  }

  private static SecretKey secret(String text) {
    try {
      return new SecretKeySpec(Base64.getDecoder().decode(text.strip()), "HMAC");
    } catch (IllegalArgumentException e) { // or no bytes
      throw new ValueType.InvalidValue("must be a secret in base64");
    }
  }

  private Key publicKey(String text) {
    Matcher pem = PEM.matcher(text.replace("\\n", "\n"));
    if (!pem.matches()) {
      throw invalid();
    }
    try {
      byte[] der = Base64.getMimeDecoder().decode(pem.group(1));
      return KeyFactory.getInstance(name()).generatePublic(new X509EncodedKeySpec(der));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw invalid();
    }
  }

  private ValueType.InvalidValue invalid() {
    return new ValueType.InvalidValue(
        "must be an " + name() + " public key as PEM, beginning with -----BEGIN PUBLIC KEY-----");
  }
}
