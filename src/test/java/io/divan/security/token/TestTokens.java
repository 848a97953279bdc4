package io.divan.security.token;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Makes tokens and keys, right ones and wrong ones. */
final class TestTokens {
  static final KeyPair RSA = keyPair("RSA");
  static final KeyPair EC = keyPair("EC");
  static final KeyPair OTHER_EC = keyPair("EC");

  private TestTokens() {}

  private static KeyPair keyPair(String type) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(type);
      if (type.equals("EC")) {
        generator.initialize(new ECGenParameterSpec("secp256r1"));
      } else {
        generator.initialize(2048);
      }
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  static String encode(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  static String encode(String text) {
    return encode(text.getBytes(StandardCharsets.UTF_8));
  }

  static String pem(PublicKey key) {
    return "-----BEGIN PUBLIC KEY-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key.getEncoded())
        + "\n-----END PUBLIC KEY-----\n";
  }

  static Key secret(String text) {
    return new SecretKeySpec(text.getBytes(StandardCharsets.UTF_8), "HMAC");
  }

  static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  /** A token with an algorithm and a key id; an empty id is left out. */
  static String token(String algorithm, String kid, String claims, Key key) {
    String id = kid.isEmpty() ? "" : ",\"kid\":\"" + kid + "\"";
    return sign("{\"typ\":\"JWT\",\"alg\":\"" + algorithm + "\"" + id + "}", claims, algorithm,
        key);
  }

  /** A token with any header. */
  static String sign(String header, String claims, String algorithm, Key key) {
    String message = encode(header) + "." + encode(claims);
    return message + "." + encode(signature(message, algorithm, key));
  }

  private static byte[] signature(String message, String algorithm, Key key) {
    byte[] bytes = message.getBytes(StandardCharsets.US_ASCII);
    String hash = "SHA" + algorithm.substring(2);
    try {
      if (algorithm.startsWith("HS")) {
        Mac mac = Mac.getInstance("Hmac" + hash);
        mac.init(key);
        return mac.doFinal(bytes);
      }
      Signature signature =
          Signature.getInstance(
              algorithm.startsWith("RS") ? hash + "withRSA" : hash + "withECDSAinP1363Format");
      signature.initSign((PrivateKey) key);
      signature.update(bytes);
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }
}
