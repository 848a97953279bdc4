package io.divan.api.query;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Queries. An administrator can also change the first two settings while the service runs.
 *
 * @param defaultLimit the number of results of a query without {@code limit}
 * @param indexScanWarningThreshold a query that reads more documents for each result has a warning;
 *     0 or less for no warnings
 * @param indexWait how long a query waits for an index that is being built before it reads all
 *     documents
 * @param indexTimeout how long a query that needs the index waits before it is answered with 503
 */
@ConfigurationProperties("divan.query")
record QueryProperties(
    @DefaultValue("25") long defaultLimit,
    @DefaultValue("10") long indexScanWarningThreshold,
    @DefaultValue("5s") Duration indexWait,
    @DefaultValue("60s") Duration indexTimeout) {}
