package io.divan.api;

import jakarta.validation.constraints.Min;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * Limits of the HTTP interface.
 *
 * @param maxRequestSize the largest body of a request; a larger one is answered 413
 * @param maxBufferedSize how much of a request is held in memory: a larger {@code _bulk_docs} goes
 *     to a temporary file, any other larger body that is read as a whole is answered 413
 * @param maxFeeds how many feeds wait for changes at the same time; one more is answered 503
 */
@Validated
@ConfigurationProperties("divan.http")
record HttpProperties(
    @DefaultValue("4GB") DataSize maxRequestSize,
    @DefaultValue("16MB") DataSize maxBufferedSize,
    @DefaultValue("10000") @Min(1) int maxFeeds) {}
