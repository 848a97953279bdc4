package io.divan.record;

import io.divan.storage.Versionstamp;
import java.time.Duration;
import java.util.List;

/**
 * A feed of changes in commit order, of a versionstamp index. Without history it has the last
 * change of each record, so a reader that follows it knows all records and deletions.
 */
public interface RecordFeed {

  /**
   * A change.
   *
   * @param stamp its position in commit order
   * @param type the name of the type
   * @param key the primary key
   * @param deleted whether the record was deleted
   */
  record Change(Versionstamp stamp, String type, Key key, boolean deleted) {}

  /**
   * Returns the changes after a stamp, in commit order.
   *
   * @param stamp the stamp of the last change already read, or {@link Versionstamp#ZERO}
   * @param changesMax the most changes, at least 1
   */
  List<Change> since(Versionstamp stamp, int changesMax);

  /**
   * Returns the changes after a stamp; waits for one if there is none.
   *
   * @return empty if the time is over
   * @throws InterruptedException if the thread is interrupted while it waits
   */
  List<Change> await(Versionstamp stamp, int changesMax, Duration atMost)
      throws InterruptedException;
}
