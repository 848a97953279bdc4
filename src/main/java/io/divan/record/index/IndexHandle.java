package io.divan.record.index;

import java.util.Optional;

/**
 * An index as a transaction saw it.
 *
 * @param number its number within the {@link IndexSpace}, at least 1; never reused
 * @param signature a hash of everything that determines its rows; the owner computes it
 * @param state its state
 * @param problem why it is disabled
 * @param progress of its build while it is building. It changes without a new configuration
 *     version, so that of a cached handle is old
 */
public record IndexHandle(
    int number,
    byte[] signature,
    IndexState state,
    Optional<String> problem,
    Optional<Progress> progress) {

  /**
   * How far a build has come.
   *
   * @param position things with primary keys up to this one, inclusive, are indexed; empty at the
   *     start
   * @param done the number of things indexed
   * @param estimate the number of things to index, as far as it was known at the start; 0 if
   *     unknown
   */
  public record Progress(byte[] position, long done, long estimate) {}

  /** Returns whether writers must maintain the index. */
  public boolean maintained() {
    return state == IndexState.BUILDING || state == IndexState.READABLE;
  }

  /** Returns whether queries may use the index. */
  public boolean readable() {
    return state == IndexState.READABLE;
  }
}
