package io.divan.storage.fdb.simulation;

/** FoundationDB's limits (ClientKnobs.cpp, 7.3), in bytes unless the name says otherwise. */
final class Limits {

  static final int KEY_MAX = 10_000;
  static final int SYSTEM_KEY_MAX = 30_000;
  /** What keys may exceed {@link #KEY_MAX} by where the whole key space is addressed. */
  static final int RAW_PREFIX = 8;
  static final int VALUE_MAX = 100_000;
  static final int TRANSACTION_MAX = 10_000_000;
  static final int WATCHES_MAX = 10_000;
  static final int WATCHES_CEILING = 1_000_000;

  static final long VERSIONS_PER_SECOND = 1_000_000;
  /** How long a version can be read and a transaction be committed: five seconds. */
  static final long LIFE_VERSIONS = 5 * VERSIONS_PER_SECOND;
  /** How long a cluster without commits may take to raise its version. */
  static final long IDLE_VERSIONS = VERSIONS_PER_SECOND / 4;
  /** How far a recovery of the cluster moves the version. */
  static final long RECOVERY_VERSIONS = 100_000_000;
  /** How many versions are kept for {@code setReadVersion}; older ones answer 1007. */
  static final int VERSIONS_KEPT = 4_096;

  static final double BACKOFF_FIRST_SECONDS = 0.01;
  static final double BACKOFF_MAX_SECONDS = 1.0;
  static final double RETRY_DELAY_SECONDS = 0.01;

  /** Sizes of the client's structures, which count towards a transaction's size. */
  static final int MUTATION_OVERHEAD = 44;
  static final int RANGE_OVERHEAD = 24;

  private Limits() {}

  /** The longest key beside {@code key}. */
  static int keyBytesMax(byte[] key, boolean raw) {
    if (Keys.isSystem(key)) {
      return SYSTEM_KEY_MAX;
    }
    return raw ? KEY_MAX + RAW_PREFIX : KEY_MAX;
  }
}
