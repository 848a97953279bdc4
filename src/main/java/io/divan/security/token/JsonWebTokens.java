package io.divan.security.token;

import static io.divan.configuration.RuntimeConfiguration.Trait.CHANGEABLE;

import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import io.divan.configuration.InvalidProperty;
import io.divan.configuration.RuntimeConfiguration;
import io.divan.configuration.Setting;
import io.divan.configuration.ValueType;
import io.divan.document.DocumentException;
import io.divan.document.Principal;
import io.divan.json.JsonException;
import io.divan.json.JsonValue;
import java.math.BigDecimal;
import java.security.Key;
import java.time.InstantSource;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.security.oauth2.core.OAuth2TokenValidatorResult;
import org.springframework.security.oauth2.jwt.JwtException;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;

/**
 * Verifies JSON Web Tokens as CouchDB does: first the header, then the required claims, then the
 * signature. Safe for use by many threads.
 */
public final class JsonWebTokens {

  /**
   * What a verified token says.
   *
   * @param subject the user's name
   * @param roles the user's roles
   */
  public record Claims(String subject, List<String> roles) {

    public Claims {
      roles = List.copyOf(roles);
    }

    /** The principal that the token stands for. */
    public Principal principal() {
      return new Principal(Optional.of(subject), new LinkedHashSet<>(roles));
    }
  }

  private static final String SECTION = "jwt_auth";
  private static final String MALFORMED = "Malformed authentication token";
  private static final String DEFAULT_KID = "_default";
  private static final int NUMBER_MAX = 64;

  private final TokenKeys keys;
  private final Setting<String> jwkSetUri;
  private final Setting<RequiredClaims> requiredClaims;
  private final Setting<String> rolesClaimName;
  private final Setting<String> rolesClaimPath;
  private final InstantSource clock;
  private volatile @Nullable KeySet keySet;

  private JsonWebTokens(
      TokenKeys keys,
      Setting<String> jwkSetUri,
      Setting<RequiredClaims> requiredClaims,
      Setting<String> rolesClaimName,
      Setting<String> rolesClaimPath,
      InstantSource clock) {
    this.keys = keys;
    this.jwkSetUri = jwkSetUri;
    this.requiredClaims = requiredClaims;
    this.rolesClaimName = rolesClaimName;
    this.rolesClaimPath = rolesClaimPath;
    this.clock = clock;
  }

  static JsonWebTokens declare(
      RuntimeConfiguration configuration, JwtProperties properties, InstantSource clock) {
    RequiredClaims required;
    try {
      required = RequiredClaims.parse(properties.requiredClaims());
    } catch (ValueType.InvalidValue e) {
      throw new InvalidProperty("divan.jwt.required-claims", String.valueOf(e.getMessage()));
    }
    return new JsonWebTokens(
        TokenKeys.declare(configuration, properties.keys()),
        configuration.declare(
            SECTION,
            "jwk_set_uri",
            "divan.jwt.jwk-set-uri",
            KeySet.ADDRESS,
            properties.jwkSetUri(),
            CHANGEABLE),
        configuration.declare(
            SECTION,
            "required_claims",
            "divan.jwt.required-claims",
            RequiredClaims.TYPE,
            required,
            CHANGEABLE),
        configuration.declare(
            SECTION,
            "roles_claim_name",
            "divan.jwt.roles-claim-name",
            ValueType.TEXT,
            properties.rolesClaimName(),
            CHANGEABLE),
        configuration.declare(
            SECTION,
            "roles_claim_path",
            "divan.jwt.roles-claim-path",
            ValueType.TEXT,
            properties.rolesClaimPath(),
            CHANGEABLE),
        clock);
  }

  /** Whether a key or the address of keys is configured. */
  public boolean isEnabled() {
    return !keys.isEmpty() || !jwkSetUri.get().isEmpty();
  }

  /**
   * Verifies a token.
   *
   * @throws DocumentException.BadRequest when the token is malformed, not signed with a known key,
   *     or lacks a required claim
   * @throws DocumentException.Unauthorized when it does not count now, or names no user
   * @throws DocumentException.NotFound when it has nothing at the path of the roles
   */
  public Claims verify(String jwt) {
    String[] parts = jwt.split("\\.", -1);
    if (parts.length != 3) {
      throw new DocumentException.BadRequest(MALFORMED);
    }
    RequiredClaims required = requiredClaims.get();
    JsonValue.Obj header = object(parts[0]);
    JwtAlgorithm algorithm = checkHeader(header, required);
    JsonValue.Obj claims = object(parts[1]);
    checkClaims(claims, required);
    decode(parts[2]);
    checkSignature(jwt, algorithm, keys(header, algorithm, required));
    List<String> roles =
        rolesClaimPath.get().isEmpty()
            ? RolesClaim.byName(claims, rolesClaimName.get())
            : RolesClaim.byPath(claims, rolesClaimPath.get());
    String subject =
        text(claims, "sub")
            .filter(name -> !name.isEmpty())
            .orElseThrow(() -> new DocumentException.Unauthorized("Token missing sub claim."));
    return new Claims(subject, roles);
  }

  private static JwtAlgorithm checkHeader(JsonValue.Obj header, RequiredClaims required) {
    if (required.has("typ")) {
      JsonValue typ = header.members().get("typ");
      if (typ == null) {
        throw new DocumentException.BadRequest("Missing typ header parameter");
      }
      if (!typ.equals(new JsonValue.Str("JWT"))) {
        throw new DocumentException.BadRequest("Invalid typ header parameter");
      }
    }
    if (!header.members().containsKey("alg")) {
      throw new DocumentException.BadRequest("Missing alg header parameter");
    }
    return text(header, "alg")
        .flatMap(JwtAlgorithm::named)
        .orElseThrow(() -> new DocumentException.BadRequest("Invalid alg header parameter"));
  }

  private void checkClaims(JsonValue.Obj claims, RequiredClaims required) {
    if (required.issuer().isPresent()) {
      if (!required(claims, "iss").equals(new JsonValue.Str(required.issuer().get()))) {
        throw new DocumentException.BadRequest("Invalid iss claim");
      }
    }
    if (required.has("iat")
        && !(required(claims, "iat") instanceof JsonValue.Num number && number.isInteger())) {
      throw new DocumentException.BadRequest("Invalid iat claim");
    }
    if (required.has("nbf") && compareToNow(required(claims, "nbf")).orElse(1) >= 0) {
      throw new DocumentException.Unauthorized("nbf not in past");
    }
    if (required.has("exp") && compareToNow(required(claims, "exp")).orElse(-1) <= 0) {
      throw new DocumentException.Unauthorized("exp not in future");
    }
  }

  private static JsonValue required(JsonValue.Obj claims, String name) {
    JsonValue value = claims.members().get(name);
    if (value == null) {
      throw new DocumentException.BadRequest("Missing " + name + " claim");
    }
    return value;
  }

  /** Compares a time in seconds with now; empty for a value that is no time. */
  private Optional<Integer> compareToNow(JsonValue value) {
    if (!(value instanceof JsonValue.Num number) || number.text().length() > NUMBER_MAX) {
      return Optional.empty();
    }
    BigDecimal now = BigDecimal.valueOf(clock.instant().getEpochSecond());
    return Optional.of(new BigDecimal(number.text()).compareTo(now));
  }

  /** The keys that may have signed a token; at least one. */
  private List<Key> keys(JsonValue.Obj header, JwtAlgorithm algorithm, RequiredClaims required) {
    boolean named = header.members().containsKey("kid");
    Optional<String> kid = text(header, "kid");
    if (!named && required.has("kid")) {
      throw new DocumentException.BadRequest("Missing kid claim");
    }
    KeyType type = algorithm.keyType();
    Optional<Key> configured =
        named && kid.isEmpty() ? Optional.empty() : keys.find(type, kid.orElse(DEFAULT_KID));
    if (configured.isPresent()) {
      return List.of(configured.get());
    }
    if (!jwkSetUri.get().isEmpty() && (!named || kid.isPresent())) {
      List<Key> fetched = keySet(jwkSetUri.get()).find(type, kid);
      if (!fetched.isEmpty()) {
        return fetched;
      }
    }
    throw new DocumentException.BadRequest("Unknown kid");
  }

  private KeySet keySet(String address) {
    KeySet present = keySet;
    if (present == null || !present.address().equals(address)) {
      present = new KeySet(address);
      keySet = present;
    }
    return present;
  }

  private static void checkSignature(String jwt, JwtAlgorithm algorithm, List<Key> candidates) {
    DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();
    processor.setJWSTypeVerifier((type, context) -> {}); // checked if it is required
    processor.setJWTClaimsSetVerifier((claims, context) -> {}); // checked before
    processor.setJWSVerifierFactory(new JwtAlgorithm.Verifiers());
    processor.setJWSKeySelector(
        (header, context) -> header.getAlgorithm().getName().equals(algorithm.name())
            ? candidates
            : List.of());
    NimbusJwtDecoder decoder = new NimbusJwtDecoder(processor);
    decoder.setJwtValidator(token -> OAuth2TokenValidatorResult.success());
    decoder.setClaimSetConverter(claims -> Map.of("verified", true)); // read elsewhere
    try {
      decoder.decode(jwt);
    } catch (JwtException | IllegalArgumentException e) {
      throw new DocumentException.BadRequest(
          algorithm.keyType() == KeyType.HMAC
              ? "Bad HMAC in authentication token"
              : "Bad signature in authentication token");
    }
  }

  private static Optional<String> text(JsonValue.Obj object, String name) {
    return Optional.ofNullable(object.members().get(name)).flatMap(JsonValue::asString);
  }

  private static JsonValue.Obj object(String part) {
    JsonValue value;
    try {
      value = JsonValue.read(decode(part));
    } catch (JsonException e) {
      throw new DocumentException.BadRequest(MALFORMED);
    }
    if (value instanceof JsonValue.Obj object) {
      return object;
    }
    throw new DocumentException.BadRequest("Not an object");
  }

  private static byte[] decode(String part) {
    try {
      return Base64.getUrlDecoder().decode(part);
    } catch (IllegalArgumentException e) {
      throw new DocumentException.BadRequest(MALFORMED);
    }
  }
}
