package io.divan.document.attachment;

import io.divan.document.revision.Content;
import io.divan.document.rows.ContentRows;
import io.divan.document.rows.Tables;
import io.divan.storage.Capability;
import io.divan.storage.KeyValue;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import io.divan.storage.StorageException;
import io.divan.storage.Store;
import io.divan.storage.WriteTransaction;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** The contents of one database's attachments. Safe for use by many threads. */
public final class Contents {
  private final Store store;
  private final InstantSource clock;
  private final Runnable uploading;

  /**
   * Creates the contents of a database.
   *
   * @param uploading called when a blob is begun
   */
  public Contents(Store store, InstantSource clock, Runnable uploading) {
    this.store = store;
    this.clock = clock;
    this.uploading = uploading;
  }

  /** About how many bytes {@link #find} reads for a content. */
  public static long bytesRead(Content content) {
    return content.storedLength() <= Upload.INLINE_BYTES_MAX ? content.storedLength() : 0;
  }

  /**
   * Finds contents that revisions reference.
   *
   * @param transaction one that has read these references
   * @throws IllegalStateException if one is not stored
   */
  public List<StoredContent> find(ReadTransaction transaction, List<Content> contents) {
    List<byte[]> keys =
        contents.stream().map(content -> ContentRows.contentKey(content.sha256())).toList();
    List<Optional<byte[]>> rows = transaction.getAll(Tables.ATTACHMENTS, keys);
    List<StoredContent> found = new ArrayList<>(rows.size());
    for (int i = 0; i < rows.size(); i++) {
      int index = i;
      byte[] row =
          rows.get(i)
              .orElseThrow(
                  () -> new IllegalStateException(
                      "An attachment lacks its content " + contents.get(index)));
      found.add(new StoredContent(this, ContentRows.place(row)));
    }
    return found;
  }

  void uploading() {
    uploading.run();
  }

  /** Returns when the lease of a blob ends that is written now. */
  long deadline() {
    return clock.millis() + ContentWriter.LEASE.toMillis();
  }

  /**
   * Returns how to run transactions that need not be durable before a later one is. An engine that
   * fails may lose them while the process lives on, the latest first.
   */
  Optional<Capability.UnsyncedWrites> unsyncedWrites() {
    return store.capability(Capability.UnsyncedWrites.class);
  }

  /** Runs a durable transaction. */
  <T> T write(Function<WriteTransaction, T> work) {
    return store.write(work).result();
  }

  /** Reads chunks of a blob. */
  List<byte[]> chunks(ContentRows.Blob blob, long from, long to) {
    return store.read(
        transaction -> {
          List<byte[]> chunks = new ArrayList<>((int) (to - from));
          Optional<Range> rest = Optional.of(ContentRows.chunks(blob, from, to));
          while (rest.isPresent()) {
            Page page = transaction.scan(rest.get());
            for (KeyValue row : page.rows()) {
              chunks.add(row.value());
            }
            rest = page.rest();
          }
          if (chunks.size() != to - from) {
            throw new StorageException.StoreUnavailable(
                "The content of an attachment was removed while it was read");
          }
          return chunks;
        });
  }

  /** Removes blobs whose uploads ended, unless an edit references them. */
  void remove(List<ContentRows.Blob> blobs) {
    blobs.forEach(blob -> ContentSweep.remove(store, blob));
  }
}
