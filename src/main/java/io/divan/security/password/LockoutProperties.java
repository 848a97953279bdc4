package io.divan.security.password;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Lock-outs after repeated failures to log in.
 *
 * @param mode whether failures are not counted, only logged, or lock the name for the address;
 *     CouchDB's {@code chttpd_auth_lockout/mode}
 * @param threshold the failures that lock; CouchDB's {@code chttpd_auth_lockout/threshold}
 * @param maxObjects the most names and addresses whose failures are counted; CouchDB's {@code
 *     chttpd_auth_lockout/max_objects}
 * @param maxLifetime how long failures count, from the first one; CouchDB's {@code
 *     chttpd_auth_lockout/max_lifetime}
 */
@Validated
@ConfigurationProperties("divan.lockout")
record LockoutProperties(
    @DefaultValue("enforce") @NotNull Lockouts.Mode mode,
    @DefaultValue("5") @Min(1) int threshold,
    @DefaultValue("10000") @Min(1) @Max(1_000_000) int maxObjects,
    @DefaultValue("300000ms") @NotNull Duration maxLifetime) {}
