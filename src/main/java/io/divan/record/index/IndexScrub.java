package io.divan.record.index;

import io.divan.storage.Store;
import java.util.Optional;

/**
 * Compares a readable index with the things it is about, in batches, while writers continue, and
 * repairs it on request.
 *
 * @param <R> a thing: a record or a document
 */
public final class IndexScrub<R> {

  /**
   * What was found.
   *
   * @param checked the things and rows compared
   * @param missing rows that are missing or have the wrong value
   * @param dangling rows that no thing contributes
   * @param wrong counters that differ from a recount
   * @param repaired differences repaired
   * @param uncertain whether counters could not be recounted, because things changed meanwhile
   */
  public record Found(
      long checked, long missing, long dangling, long wrong, long repaired, boolean uncertain) {
    /** Nothing. */
    public static final Found NOTHING = new Found(0, 0, 0, 0, 0, false);

    /** Returns the sum of two results. */
    public Found plus(Found other) {
      return new Found(
          checked + other.checked,
          missing + other.missing,
          dangling + other.dangling,
          wrong + other.wrong,
          repaired + other.repaired,
          uncertain || other.uncertain);
    }
  }

  /** Compares an index; {@code repair} says whether to repair differences. */
  public IndexScrub(
      Store store, IndexSpace space, IndexHandle index, IndexSource<R> source, boolean repair) {}

  /** Compares the next batch; returns what it found, or empty at the end. */
  public Optional<Found> step() {
    throw new UnsupportedOperationException();
  }
}
