package io.divan.storage;

import java.time.Instant;

/**
 * What a backend said of its own state.
 *
 * @param asOf when it said so
 * @param json FoundationDB's machine-readable status
 * @see <a href="https://apple.github.io/foundationdb/mr-status.html">machine-readable status</a>
 */
public record StatusReport(Instant asOf, byte[] json) {}
