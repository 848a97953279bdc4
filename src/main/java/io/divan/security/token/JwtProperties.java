package io.divan.security.token;

import jakarta.validation.constraints.NotNull;
import java.util.Map;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * JSON Web Tokens. They are accepted if a key or the address of keys is configured.
 *
 * @param keys the keys by {@code hmac:KID}, {@code rsa:KID} and {@code ec:KID}: secrets in base64
 *     and public keys as PEM; the id {@code _default} is for tokens without one; CouchDB's section
 *     {@code jwt_keys}
 * @param jwkSetUri the address of a JSON Web Key Set with further public keys; empty for none
 * @param requiredClaims the claims that a token must have, separated by commas: {@code exp}, {@code
 *     nbf}, {@code iat}, {@code kid}, {@code typ} and {@code {iss,"ISSUER"}}; CouchDB's {@code
 *     jwt_auth/required_claims}
 * @param rolesClaimName the claim with the user's roles; CouchDB's {@code
 *     jwt_auth/roles_claim_name}
 * @param rolesClaimPath the path of the claim with the user's roles, which takes precedence; empty
 *     for none; CouchDB's {@code jwt_auth/roles_claim_path}
 */
@Validated
@ConfigurationProperties("divan.jwt")
record JwtProperties(
    @DefaultValue @NotNull Map<String, String> keys,
    @DefaultValue("") @NotNull String jwkSetUri,
    @DefaultValue("exp") @NotNull String requiredClaims,
    @DefaultValue("_couchdb.roles") @NotNull String rolesClaimName,
    @DefaultValue("") @NotNull String rolesClaimPath) {

  /** Describes the settings without the keys. */
  @Override
  public String toString() {
    return "JwtProperties[requiredClaims=" + requiredClaims + "]";
  }
}
