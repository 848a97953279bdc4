package io.divan.security.password;

import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * How passwords are hashed and which ones are accepted.
 *
 * @param iterations the rounds of PBKDF2 for new hashes; CouchDB's {@code chttpd_auth/iterations}
 * @param minIterations stored hashes with fewer rounds are refused; CouchDB's {@code
 *     chttpd_auth/min_iterations}
 * @param maxIterations stored hashes with more rounds are refused; CouchDB's {@code
 *     chttpd_auth/max_iterations}
 * @param pbkdf2Prf the hash function of PBKDF2 for new hashes; CouchDB's {@code
 *     chttpd_auth/pbkdf2_prf}
 * @param passwordRegexp an Erlang list of regular expressions, or of tuples of an expression and a
 *     reason, that new passwords of users must match; CouchDB's {@code
 *     chttpd_auth/password_regexp}
 */
@Validated
@ConfigurationProperties("divan.authentication")
record PasswordProperties(
    @DefaultValue("600000") @Min(1) int iterations,
    @DefaultValue("1") @Min(1) int minIterations,
    @DefaultValue("10000000") @Min(1) int maxIterations,
    @DefaultValue("sha256") @NotNull String pbkdf2Prf,
    @DefaultValue("") @NotNull String passwordRegexp) {}
