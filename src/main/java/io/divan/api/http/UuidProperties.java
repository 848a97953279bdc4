package io.divan.api.http;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The ids that the service generates.
 *
 * @param algorithm the algorithm
 * @param utcIdSuffix the end of each id of the algorithm {@code utc_id}
 * @param maxCount the maximum number of ids of one request to {@code _uuids}
 */
@ConfigurationProperties("divan.uuids")
record UuidProperties(
    @DefaultValue("sequential") Uuids.Algorithm algorithm,
    @DefaultValue("") String utcIdSuffix,
    @DefaultValue("1000") long maxCount) {}
