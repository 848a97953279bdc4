package io.divan.security;

/** What a principal asks of the server, as far as permissions distinguish it. */
public enum ServerAction {
  /** Reads what everybody may read, or logs in. */
  GREET,
  /** Lists databases. */
  LIST_DATABASES,
  /** Starts a replication. */
  REPLICATE,
  /** Reads statistics. */
  READ_METRICS,
  /** Reads or changes the configuration, the cluster, or anything else. */
  ADMINISTER
}
