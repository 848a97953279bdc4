package io.divan.api.query;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Queries. An administrator can also change this while the service runs.
 *
 * @param defaultLimit the number of results of a query without {@code limit}
 * @param indexScanWarningThreshold a query that reads more documents for each result has a warning;
 *     0 or less for no warnings
 */
@ConfigurationProperties("divan.query")
record QueryProperties(
    @DefaultValue("25") long defaultLimit, @DefaultValue("10") long indexScanWarningThreshold) {}
