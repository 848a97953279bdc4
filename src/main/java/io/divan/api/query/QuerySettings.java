package io.divan.api.query;

import io.divan.configuration.RuntimeConfiguration;
import io.divan.configuration.RuntimeConfiguration.Trait;
import io.divan.configuration.Setting;
import io.divan.configuration.ValueType;
import io.divan.query.find.QueryPlans;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.stereotype.Component;

/** The settings of queries, CouchDB's section {@code mango}. */
@Component
@EnableConfigurationProperties(QueryProperties.class)
final class QuerySettings {
  private static final String SECTION = "mango";

  private final Setting<Long> defaultLimit;
  private final Setting<Long> scanThreshold;
  private final QueryPlans.Waits waits;

  QuerySettings(RuntimeConfiguration configuration, QueryProperties properties) {
    defaultLimit =
        configuration.declare(
            SECTION,
            "default_limit",
            "divan.query.default-limit",
            ValueType.integer(0, Long.MAX_VALUE),
            properties.defaultLimit(),
            Trait.CHANGEABLE);
    scanThreshold =
        configuration.declare(
            SECTION,
            "index_scan_warning_threshold",
            "divan.query.index-scan-warning-threshold",
            ValueType.integer(Long.MIN_VALUE, Long.MAX_VALUE),
            properties.indexScanWarningThreshold(),
            Trait.CHANGEABLE);
    waits = new QueryPlans.Waits(properties.indexWait(), properties.indexTimeout());
  }

  /** How long queries wait for indexes. */
  QueryPlans.Waits waits() {
    return waits;
  }

  /** The limit of a query without one. */
  long defaultLimit() {
    return defaultLimit.get();
  }

  /** How many documents a query may read for each result without a warning. */
  long scanThreshold() {
    return scanThreshold.get();
  }
}
