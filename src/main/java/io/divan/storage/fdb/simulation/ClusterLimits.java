package io.divan.storage.fdb.simulation;

/** FoundationDB's limits (ClientKnobs.cpp, 7.3), in bytes unless the name says otherwise. */
final class ClusterLimits {

  static final int KEY_MAX = 10_000;
  static final int SYSTEM_KEY_MAX = 30_000;
  /** How much keys may exceed {@link #KEY_MAX} with raw access to the whole key space. */
  static final int RAW_PREFIX = 8;
  static final int VALUE_MAX = 100_000;
  static final int TRANSACTION_MAX = 10_000_000;
  static final int WATCHES_MAX = 10_000;
  static final int WATCHES_CEILING = 1_000_000;

  static final long VERSIONS_PER_SECOND = 1_000_000;
  /** How long a version can be read, and a transaction be committed: five seconds. */
  static final long LIFE_VERSIONS = 5 * VERSIONS_PER_SECOND;
  /** The maximum age of the version that a cluster without commits gives to readers. */
  static final long IDLE_VERSIONS = VERSIONS_PER_SECOND / 4;
  /** By how much a recovery of the cluster raises the version. */
  static final long RECOVERY_VERSIONS = 100_000_000;
  /** The number of versions kept for {@code setReadVersion}; reading older ones fails with 1007. */
  static final int VERSIONS_KEPT = 4_096;

  static final double BACKOFF_FIRST_SECONDS = 0.01;
  static final double BACKOFF_MAX_SECONDS = 1.0;
  static final double RETRY_DELAY_SECONDS = 0.01;

  /** Sizes of the client's structures, which count towards a transaction's size. */
  static final int MUTATION_OVERHEAD = 44;
  static final int RANGE_OVERHEAD = 24;

  private ClusterLimits() {}

  /** The maximum length of a key in the part of the key space that {@code key} belongs to. */
  static int keyBytesMax(byte[] key, boolean raw) {
    if (Keys.isSystem(key)) {
      return SYSTEM_KEY_MAX;
    }
    return raw ? KEY_MAX + RAW_PREFIX : KEY_MAX;
  }
}
