package io.divan.document.attachment;

import io.divan.document.rows.ContentRows;
import io.divan.document.rows.ContentRows.Blob;
import io.divan.document.rows.Tables;
import io.divan.storage.KeyValue;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.Store;
import io.divan.storage.WriteTransaction;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Removes blobs that no content row names once their deadlines have passed: of uploads that ended
 * without an edit, also by a crash, and of content that lost its last reference. For one thread.
 *
 * <ol>
 *   <li>A blob is removed in transactions of bounded size, its deadline by the last of them. Each
 *       reads the deadline again, so of a sweep and an edit that stores the blob, or an upload that
 *       extends its deadline, at the same time, one runs again.
 *   <li>A transaction that leaves chunks sets the deadline to {@link ContentRows#REMOVING}. No
 *       upload or edit uses the blob from then on, whatever the clocks of its machines say.
 *   <li>Several sweeps of one database may run at the same time, also on several machines.
 * </ol>
 */
public final class ContentSweep {
  private static final int DEADLINES_A_BATCH = 1_000;
  private static final int CHUNKS_A_WRITE = 100;

  private static final InstantSource AFTER_ALL_DEADLINES =
      InstantSource.fixed(Instant.ofEpochMilli(Long.MAX_VALUE));

  /**
   * The result of a sweep.
   *
   * @param blobs the number of blobs removed
   * @param bytes the bytes of their chunks
   * @param waiting the number of blobs whose deadlines have not passed
   */
  public record Swept(long blobs, long bytes, long waiting) {}

  /** The result of a transaction. */
  private record Step(long bytes, boolean removed, boolean more) {
    static final Step KEPT = new Step(0, false, false);
  }

  private final Store store;
  private final InstantSource clock;
  private final BooleanSupplier stopped;
  private long blobs;
  private long bytes;
  private long waiting;

  /**
   * Creates a sweep of the database that a store holds.
   *
   * @param stopped asks the sweep to end early
   */
  public ContentSweep(Store store, InstantSource clock, BooleanSupplier stopped) {
    this.store = store;
    this.clock = clock;
    this.stopped = stopped;
  }

  /** Removes the blobs whose deadlines have passed. Call it once. */
  public Swept run() {
    Optional<Range> rest = Optional.of(ContentRows.allDeadlines());
    while (rest.isPresent() && !stopped.getAsBoolean()) {
      Range range = rest.get().limit(DEADLINES_A_BATCH);
      Page page = store.read(transaction -> transaction.scan(range));
      page.rows().forEach(this::look);
      rest = page.rest();
    }
    return new Swept(blobs, bytes, waiting);
  }

  private void look(KeyValue row) {
    if (!hasPassed(ContentRows.deadline(row), clock.millis())) {
      waiting++;
      return;
    }
    remove(ContentRows.blob(row.key()));
  }

  /** Removes a blob whose upload has ended, unless an edit has stored it. */
  static void remove(Store store, Blob blob) {
    new ContentSweep(store, AFTER_ALL_DEADLINES, () -> false).remove(blob);
  }

  private void remove(Blob blob) {
    boolean more = true;
    while (more && !stopped.getAsBoolean()) {
      long now = clock.millis();
      Step step = store.write(transaction -> remove(transaction, blob, now)).result();
      bytes += step.bytes();
      blobs += step.removed() ? 1 : 0;
      more = step.more();
    }
  }

  private static boolean hasPassed(long deadline, long now) {
    return deadline <= now;
  }

  /** Removes chunks of a blob if its deadline has passed, and its deadline with the last ones. */
  private static Step remove(WriteTransaction transaction, Blob blob, long now) {
    byte[] key = ContentRows.deadlineKey(blob);
    Optional<byte[]> deadline = transaction.get(Tables.ATTACHMENTS, key);
    if (deadline.isEmpty() || !hasPassed(ContentRows.deadline(deadline.get()), now)) {
      return Step.KEPT;
    }
    Range all = ContentRows.chunks(blob);
    List<KeyValue> first = transaction.scan(all.limit(1)).rows();
    if (first.isEmpty()) {
      transaction.delete(Tables.ATTACHMENTS, key);
      return new Step(0, true, false);
    }
    KeyValue last = transaction.scan(all.reversed().limit(1)).rows().getFirst();
    long from = ContentRows.chunk(first.getFirst().key());
    long end = ContentRows.chunk(last.key()) + 1;
    long to = Math.min(end, from + CHUNKS_A_WRITE);
    transaction.deleteRange(ContentRows.chunks(blob, from, to));
    if (to < end) {
      transaction.put(
          Tables.ATTACHMENTS, key, ContentRows.deadline(ContentRows.REMOVING, 0));
      return new Step((to - from) * ContentRows.CHUNK_BYTES, false, true);
    }
    transaction.delete(Tables.ATTACHMENTS, key);
    return new Step(
        (to - from - 1) * ContentRows.CHUNK_BYTES + last.value().length, true, false);
  }
}
