package io.divan.security.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.AsymmetricJWK;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.jwk.source.RateLimitReachedException;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.DefaultResourceRetriever;
import io.divan.configuration.ValueType;
import io.divan.document.DocumentException;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.security.Key;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The public keys of a JSON Web Key Set that is fetched from an address. It is fetched again after
 * minutes, or when a key is unknown, but at most about twice in {@value #INTERVAL_SECONDS} s. Safe
 * for use by many threads.
 */
final class KeySet {

  /** The setting's values: an address with the scheme http or https, or the empty text. */
  static final ValueType<String> ADDRESS =
      new ValueType<>(
          text -> {
            if (!text.isEmpty()) {
              url(text);
            }
            return text;
          },
          text -> text);

  private static final System.Logger LOG = System.getLogger(KeySet.class.getName());
  private static final int INTERVAL_SECONDS = 30;
  private static final Duration CACHED = Duration.ofMinutes(5);
  private static final Duration OUTAGE = Duration.ofHours(1);
  private static final Duration CONNECT = Duration.ofSeconds(2);
  private static final Duration READ = Duration.ofSeconds(3);
  private static final int BYTES_MAX = 100_000;
  private static final int KEYS_MAX = 4;

  private final String address;
  private final JWKSource<SecurityContext> source;

  KeySet(String address) {
    this(address, Duration.ofSeconds(INTERVAL_SECONDS));
  }

  KeySet(String address, Duration interval) {
    this.address = address;
    this.source =
        JWKSourceBuilder.create(
            url(address),
            new DefaultResourceRetriever(
                Math.toIntExact(CONNECT.toMillis()), Math.toIntExact(READ.toMillis()), BYTES_MAX))
            .cache(CACHED.toMillis(), CONNECT.plus(READ).toMillis())
            .refreshAheadCache(false)
            .rateLimited(interval.toMillis())
            .outageTolerant(OUTAGE.toMillis())
            .build();
  }

  private static URL url(String text) {
    try {
      URI uri = new URI(text);
      boolean web = "https".equals(uri.getScheme()) || "http".equals(uri.getScheme());
      if (web && uri.getHost() != null && uri.getUserInfo() == null) {
        return uri.toURL();
      }
    } catch (URISyntaxException | MalformedURLException | IllegalArgumentException e) {
      // the same refusal
    }
    throw new ValueType.InvalidValue(
        "must be the address of a JSON Web Key Set, beginning with https:// or http://");
  }

  /** The address that it is fetched from. */
  String address() {
    return address;
  }

  /**
   * The keys that may have signed a token.
   *
   * @param kid the id that the token names; empty for any key of the type
   * @throws DocumentException.Unauthorized when the set cannot be fetched
   */
  List<Key> find(KeyType type, Optional<String> kid) {
    if (type == KeyType.HMAC) {
      return List.of(); // a secret has no place in a public set
    }
    JWKMatcher.Builder wanted =
        new JWKMatcher.Builder()
            .keyType(com.nimbusds.jose.jwk.KeyType.parse(type.name()))
            .keyUses(KeyUse.SIGNATURE, null);
    kid.ifPresent(wanted::keyID);
    List<Key> keys = new ArrayList<>();
    try {
      for (JWK jwk : source.get(new JWKSelector(wanted.build()), null)) {
        if (keys.size() < KEYS_MAX && jwk instanceof AsymmetricJWK asymmetric) {
          keys.add(asymmetric.toPublicKey());
        }
      }
      return keys;
    } catch (RateLimitReachedException e) {
      return List.of(); // fetched a moment ago, without this key
    } catch (KeySourceException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "The keys of JSON Web Tokens cannot be fetched from " + address + " ("
              + e.getMessage() + "). Tokens are refused until they can be: check that address,"
              + " divan.jwt.jwk-set-uri, from this machine");
      throw new DocumentException.Unauthorized("The token cannot be verified now.");
    } catch (JOSEException e) {
      LOG.log(System.Logger.Level.DEBUG, "A key of a JSON Web Key Set is not usable", e);
      return keys;
    }
  }
}
