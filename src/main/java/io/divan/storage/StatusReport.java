package io.divan.storage;

import java.time.Instant;

/**
 * A backend's report of its own state. Only FoundationDB has one.
 *
 * @param asOf when the backend made it
 * @param json FoundationDB's machine-readable status
 * @see <a href="https://apple.github.io/foundationdb/mr-status.html">machine-readable status</a>
 */
public record StatusReport(Instant asOf, byte[] json) {}
