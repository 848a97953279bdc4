package io.divan.storage;

import java.util.Optional;

/**
 * The outcome of a committed write.
 *
 * @param <T> what the work returned
 * @param result what the work returned
 * @param versionstamp the commit's versionstamp at position 0; nothing when the work called
 *     no method that writes
 */
public record Written<T>(T result, Optional<Versionstamp> versionstamp) {
  /**
   * The versionstamp that {@code stamp} became.
   *
   * @throws IllegalStateException when the work wrote nothing
   */
  public Versionstamp at(Stamp stamp) {
    return versionstamp
        .orElseThrow(() -> new IllegalStateException("Nothing was written, so nothing is stamped"))
        .at(stamp.position());
  }
}
