package io.divan.storage;

import java.util.Optional;

/**
 * The outcome of a committed write.
 *
 * @param <T> what the work returned
 * @param result what the work returned
 * @param versionstamp the commit's versionstamp at position 0; nothing if the work called no
 *     method that writes
 */
public record Written<T>(T result, Optional<Versionstamp> versionstamp) {
  /**
   * Returns the versionstamp that the commit gave to {@code stamp}.
   *
   * @throws IllegalStateException if the work wrote nothing
   */
  public Versionstamp at(Stamp stamp) {
    return versionstamp
        .orElseThrow(() -> new IllegalStateException("Nothing was written, so nothing is stamped"))
        .at(stamp.position());
  }
}
