package io.divan.security.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.jca.JCAContext;
import com.nimbusds.jose.proc.JWSVerifierFactory;
import com.nimbusds.jose.util.Base64URL;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.SecretKey;

/** The algorithms that may sign tokens, and their verification. */
enum JwtAlgorithm {
  RS256(KeyType.RSA, "SHA256withRSA"),
  RS384(KeyType.RSA, "SHA384withRSA"),
  RS512(KeyType.RSA, "SHA512withRSA"),
  ES256(KeyType.EC, "SHA256withECDSAinP1363Format"),
  ES384(KeyType.EC, "SHA384withECDSAinP1363Format"),
  ES512(KeyType.EC, "SHA512withECDSAinP1363Format"),
  HS256(KeyType.HMAC, "HmacSHA256"),
  HS384(KeyType.HMAC, "HmacSHA384"),
  HS512(KeyType.HMAC, "HmacSHA512");

  /** All algorithms, as the library names them. */
  static final Set<JWSAlgorithm> JWS_ALGORITHMS =
      EnumSet.allOf(JwtAlgorithm.class).stream()
          .map(algorithm -> JWSAlgorithm.parse(algorithm.name()))
          .collect(Collectors.toUnmodifiableSet());

  private final KeyType keyType;
  private final String javaName;

  JwtAlgorithm(KeyType keyType, String javaName) {
    this.keyType = keyType;
    this.javaName = javaName;
  }

  /** The algorithm of a token's header; empty for one that is not allowed. */
  static Optional<JwtAlgorithm> named(String name) {
    return Arrays.stream(values()).filter(algorithm -> algorithm.name().equals(name)).findFirst();
  }

  /** The only type of key that verifies it: a public key must never verify an HMAC. */
  KeyType keyType() {
    return keyType;
  }

  private boolean verify(Key key, byte[] message, byte[] signature)
      throws GeneralSecurityException {
    if (!keyType.isTypeOf(key)) {
      throw new InvalidKeyException("The algorithm needs another type of key");
    }
    if (key instanceof SecretKey) {
      Mac mac = Mac.getInstance(javaName);
      mac.init(key);
      return MessageDigest.isEqual(mac.doFinal(message), signature);
    }
    Signature verifier = Signature.getInstance(javaName);
    verifier.initVerify((PublicKey) key);
    verifier.update(message);
    try {
      return verifier.verify(signature);
    } catch (SignatureException e) { // of a wrong length
      return false;
    }
  }

  /**
   * Creates verifiers. As CouchDB does, and unlike the library's own, they accept HMAC keys that
   * are shorter than the hash, and any curve with any ES algorithm.
   */
  static final class Verifiers implements JWSVerifierFactory {
    private final JCAContext context = new JCAContext();

    @Override
    public JWSVerifier createJWSVerifier(JWSHeader header, Key key) throws JOSEException {
      JwtAlgorithm algorithm =
          named(header.getAlgorithm().getName())
              .orElseThrow(() -> new JOSEException("The algorithm is not allowed"));
      return new Verifier(algorithm, key, context);
    }

    @Override
    public Set<JWSAlgorithm> supportedJWSAlgorithms() {
      return JWS_ALGORITHMS;
    }

    @Override
    public JCAContext getJCAContext() {
      return context;
    }
  }

  private record Verifier(JwtAlgorithm algorithm, Key key, JCAContext context)
      implements JWSVerifier {

    @Override
    public boolean verify(JWSHeader header, byte[] message, Base64URL signature)
        throws JOSEException {
      if (header.getCriticalParams() != null && !header.getCriticalParams().isEmpty()) {
        return false; // no extension is known here
      }
      try {
        return algorithm.verify(key, message, signature.decode());
      } catch (GeneralSecurityException e) {
        throw new JOSEException(e.getMessage(), e);
      }
    }

    @Override
    public Set<JWSAlgorithm> supportedJWSAlgorithms() {
      return JWS_ALGORITHMS;
    }

    @Override
    public JCAContext getJCAContext() {
      return context;
    }
  }
}
