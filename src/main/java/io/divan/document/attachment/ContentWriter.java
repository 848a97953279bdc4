package io.divan.document.attachment;

import io.divan.document.revision.Attachment;
import io.divan.document.revision.Content;
import io.divan.document.revision.Revision;
import io.divan.document.rows.ContentRows;
import io.divan.document.rows.ContentRows.Place;
import io.divan.document.rows.ContentRows.Reference;
import io.divan.document.rows.Tables;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.StorageException;
import io.divan.storage.WriteTransaction;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Maintains contents and references in one transaction: stores what new revisions reference, and
 * frees content that no revision references any more. Lives as long as one run of the transaction's
 * work.
 *
 * <ol>
 *   <li>Every body with attachments has its references, in the transaction that stores the body and
 *       until the one that removes it.
 *   <li>{@link #finish} runs after all references are written, so it frees content only if no
 *       reference is left, those of this transaction included.
 *   <li>It reads each content row that it relies on, and the first reference of content that it
 *       may free. So of two transactions that store and free the same content at the same time,
 *       one runs again.
 * </ol>
 */
public final class ContentWriter {

  /** How long a blob without a reference is kept for those who write or read it. */
  public static final Duration LEASE = Duration.ofMinutes(10);

  /** Content of at most this many bytes is removed at once: one call reads all of it. */
  private static final long REMOVED_AT_ONCE_MAX = 10L * ContentRows.CHUNK_BYTES;

  /** A content that an edit brings or relies on, by its SHA-256. */
  private static final class Needed {
    final byte[] sha256;
    final List<ReceivedContent> received = new ArrayList<>(1);

    Needed(byte[] sha256) {
      this.sha256 = sha256;
    }
  }

  private final WriteTransaction transaction;
  private final InstantSource clock;
  private final Map<ByteBuffer, Needed> needed = new LinkedHashMap<>();
  private final Map<ByteBuffer, byte[]> dropped = new LinkedHashMap<>();
  private boolean leavesGarbage;

  /** Creates a writer that has nothing to do. */
  public ContentWriter(WriteTransaction transaction, InstantSource clock) {
    this.transaction = transaction;
    this.clock = clock;
  }

  /** Stores the references of a revision whose body is stored. */
  public void reference(String id, Revision revision, List<Attachment> attachments) {
    for (Attachment attachment : attachments) {
      byte[] sha256 = attachment.content().sha256();
      transaction.put(
          Tables.ATTACHMENTS,
          ContentRows.referenceKey(new Reference(sha256, id, revision)),
          new byte[0]);
    }
  }

  /** Notes content that an edit brings. */
  public void receive(ReceivedContent received) {
    need(received.content()).received.add(received);
  }

  /** Notes content that must be stored already. */
  public void require(Content content) {
    need(content);
  }

  private Needed need(Content content) {
    byte[] sha256 = content.sha256();
    return needed.computeIfAbsent(ByteBuffer.wrap(sha256), key -> new Needed(sha256));
  }

  /** Removes content that an edit brought and no stored revision references. */
  public void discard(ReceivedContent received) {
    ContentRows.blobOf(received.place()).ifPresent(in -> discard(in, 0)); // has no readers
  }

  /** Removes the references of a revision whose body is removed. */
  public void dereference(String id, Revision revision, List<Attachment> attachments) {
    for (Attachment attachment : attachments) {
      byte[] sha256 = attachment.content().sha256();
      transaction.delete(
          Tables.ATTACHMENTS, ContentRows.referenceKey(new Reference(sha256, id, revision)));
      dropped.put(ByteBuffer.wrap(sha256), sha256);
    }
  }

  /**
   * Stores new contents, and frees those that were dereferenced.
   *
   * @throws StorageException.StoreUnavailable if required content is not stored, or a blob is not
   *     complete: it was removed because its upload took a break that was longer than its lease, or
   *     the engine has failed and lost chunks
   */
  public void finish() {
    store();
    free();
  }

  /** Returns whether blobs without a reference are left for {@link ContentSweep}. */
  public boolean leavesGarbage() {
    return leavesGarbage;
  }

  private void store() {
    if (needed.isEmpty()) {
      return;
    }
    List<Needed> all = List.copyOf(needed.values());
    List<byte[]> keys = new ArrayList<>();
    all.forEach(one -> keys.add(ContentRows.contentKey(one.sha256)));
    List<ReceivedContent> blobs =
        all.stream()
            .flatMap(one -> one.received.stream())
            .filter(received -> received.place() instanceof Place.InBlob)
            .toList();
    blobs.forEach(received -> keys.add(ContentRows.deadlineKey(blob(received))));
    List<Optional<byte[]>> rows = transaction.getAll(Tables.ATTACHMENTS, keys);
    for (int i = 0; i < blobs.size(); i++) {
      long chunks = rows.get(all.size() + i).map(ContentRows::chunksStored).orElse(-1L);
      if (chunks != ContentRows.chunkCount(blobs.get(i).content().storedLength())) {
        throw missing();
      }
    }
    for (int i = 0; i < all.size(); i++) {
      store(all.get(i), rows.get(i).isPresent());
    }
  }

  private static ContentRows.Blob blob(ReceivedContent received) {
    return ContentRows.blobOf(received.place()).orElseThrow().blob();
  }

  private void store(Needed one, boolean known) {
    boolean stored = known;
    for (ReceivedContent received : one.received) {
      if (!stored) {
        transaction.put(
            Tables.ATTACHMENTS,
            ContentRows.contentKey(one.sha256),
            ContentRows.content(received.place()));
        ContentRows.blobOf(received.place())
            .ifPresent(
                in -> transaction.delete(
                    Tables.ATTACHMENTS, ContentRows.deadlineKey(in.blob())));
        stored = true;
      } else {
        discard(received);
      }
    }
    if (!stored) {
      throw missing();
    }
  }

  private void free() {
    List<byte[]> candidates = List.copyOf(dropped.values());
    if (candidates.isEmpty()) {
      return;
    }
    List<Range> ranges =
        candidates.stream().map(sha256 -> ContentRows.references(sha256).limit(1)).toList();
    List<byte[]> unreferenced = new ArrayList<>();
    int read = 0;
    while (read < ranges.size()) {
      for (Page page : transaction.scanAll(ranges.subList(read, ranges.size()))) {
        if (page.rows().isEmpty() && page.stop() == Page.Stop.BYTES) {
          break;
        }
        if (page.rows().isEmpty()) {
          unreferenced.add(candidates.get(read));
        }
        read++;
      }
    }
    List<byte[]> keys = unreferenced.stream().map(ContentRows::contentKey).toList();
    List<Optional<byte[]>> rows = transaction.getAll(Tables.ATTACHMENTS, keys);
    for (int i = 0; i < keys.size(); i++) {
      if (rows.get(i).isPresent()) {
        transaction.delete(Tables.ATTACHMENTS, keys.get(i));
        ContentRows.blobOf(ContentRows.place(rows.get(i).get()))
            .ifPresent(in -> discard(in, clock.millis() + LEASE.toMillis()));
      }
    }
  }

  /** Removes a small blob. Leaves a large one to {@link ContentSweep}, after its deadline. */
  private void discard(Place.InBlob in, long deadline) {
    if (in.length() <= REMOVED_AT_ONCE_MAX) {
      transaction.deleteRange(ContentRows.chunks(in.blob()));
      transaction.delete(Tables.ATTACHMENTS, ContentRows.deadlineKey(in.blob()));
      return;
    }
    transaction.put(
        Tables.ATTACHMENTS,
        ContentRows.deadlineKey(in.blob()),
        ContentRows.deadline(deadline, 0));
    leavesGarbage = true;
  }

  static StorageException missing() {
    return new StorageException.StoreUnavailable(
        "The content of an attachment was removed before its document was stored: send it again");
  }
}
