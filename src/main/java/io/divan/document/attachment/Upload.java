package io.divan.document.attachment;

import io.divan.document.rows.ContentRows;
import io.divan.document.rows.ContentRows.Place;
import io.divan.document.rows.Tables;
import io.divan.storage.Capability;
import io.divan.storage.StorageException;
import io.divan.storage.WriteTransaction;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Receives one content. Three threads work at the same time: the caller receives bytes and computes
 * their MD5, another thread computes the SHA-256 of an earlier batch of chunks, and a third stores
 * the batch before that. The transactions of chunks need not be durable; the one that references
 * the content is, and all before it with it. For one thread.
 *
 * <p>A {@link StorageException} of a chunk's transaction is thrown by a later {@link #write} or by
 * {@link #finish}.
 */
final class Upload extends OutputStream {

  /** Content of at most this many bytes stays in memory, and gets no blob. */
  static final int INLINE_BYTES_MAX = 64_000;

  private static final SecureRandom RANDOM = new SecureRandom();

  private static final Executor THREADS =
      task -> Thread.ofVirtual().name("attachment-writer").start(task);

  private final Optional<Contents> contents;
  private final ContentDigest md5 = ContentDigest.ofMd5();

  /** Used by one thread at a time: that of the latest {@link #hashed}, and at the end this one. */
  private final MessageDigest sha256 = ContentDigest.algorithm("SHA-256");

  private final int inlineBytesMax;
  private ContentBuffers.@Nullable Share share;
  private final List<byte[]> full = new ArrayList<>();
  private byte[] chunk = new byte[0];
  private int chunkLength;
  private long length;
  private long chunksWritten;
  private ContentRows.@Nullable Blob blob;

  /** Completes when all batches handed over so far are hashed. */
  private CompletableFuture<?> hashed = CompletableFuture.completedFuture(null);

  /** Completes when all batches handed over so far are stored. */
  private CompletableFuture<?> stored = CompletableFuture.completedFuture(null);

  /** The batches that may not be stored yet, in order. */
  private final Queue<CompletableFuture<?>> batches = new ArrayDeque<>();

  /** Looked up once, by the thread that stores the first chunks. */
  private volatile @Nullable Optional<Capability.UnsyncedWrites> unsynced;

  /**
   * Creates an upload.
   *
   * @param contents where it is stored; empty if it is only checked
   * @param inlineBytesMax how much may stay in memory, at most {@value #INLINE_BYTES_MAX}
   */
  Upload(Optional<Contents> contents, int inlineBytesMax) {
    this.contents = contents;
    this.inlineBytesMax = Math.min(inlineBytesMax, INLINE_BYTES_MAX);
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int count) throws IOException {
    md5.write(bytes, offset, count);
    length += count;
    if (contents.isEmpty()) {
      sha256.update(bytes, offset, count);
      return;
    }
    int from = offset;
    int left = count;
    while (left > 0) {
      reserve(left);
      int some = Math.min(left, chunk.length - chunkLength);
      System.arraycopy(bytes, from, chunk, chunkLength, some);
      from += some;
      left -= some;
      added(some);
    }
  }

  private void added(int count) {
    chunkLength += count;
    if (chunkLength == ContentRows.CHUNK_BYTES) {
      full.add(chunk);
      chunk = new byte[0];
      chunkLength = 0;
      if (full.size() >= share().batchChunks()) {
        flushChunks();
      }
    }
  }

  /** Returns whether {@link #read} can be used. */
  boolean canRead() {
    return contents.isPresent();
  }

  /**
   * Reads bytes from a stream into the chunk, without copying them in between.
   *
   * @param expected about how many bytes the stream has left, at least 1
   * @return how many were read; −1 at the end of the stream
   */
  int read(InputStream in, int expected) throws IOException {
    reserve(expected);
    int count = in.read(chunk, chunkLength, chunk.length - chunkLength);
    if (count > 0) {
      md5.write(chunk, chunkLength, count);
      length += count;
      added(count);
    }
    return count;
  }

  /** Makes room in the chunk, which grows as bytes arrive: most contents are small. */
  private void reserve(int more) {
    if (chunkLength < chunk.length) {
      return;
    }
    boolean first = full.isEmpty() && chunksWritten == 0;
    int wanted = first
        ? Math.max(chunk.length * 2, Math.max(more, 1_024))
        : ContentRows.CHUNK_BYTES;
    if (chunkLength + more > inlineBytesMax || !first) {
      share();
      wanted = ContentRows.CHUNK_BYTES;
    }
    chunk = Arrays.copyOf(chunk, Math.min(wanted, ContentRows.CHUNK_BYTES));
  }

  private ContentBuffers.Share share() {
    if (share == null) {
      share = ContentBuffers.RECEIVING.take();
    }
    return share;
  }

  /** Returns the number of bytes received. */
  long length() {
    return length;
  }

  /** Hands the full chunks over. Waits first if as many batches as allowed are not stored yet. */
  private void flushChunks() {
    if (batches.size() >= share().waitingBatches()) {
      await(batches.remove());
    }
    List<byte[]> batch = List.copyOf(full);
    full.clear();
    long from = chunksWritten;
    chunksWritten += batch.size();
    ContentRows.Blob into = blob();
    Contents to = contents.orElseThrow();
    hashed = hashed.thenRunAsync(() -> batch.forEach(sha256::update), THREADS);
    stored =
        hashed.thenAcceptBothAsync(
            stored, // which fails this one, too, if it fails
            (ready, before) -> write(
                to, transaction -> store(transaction, to.deadline(), into, from, batch)),
            THREADS);
    batches.add(stored);
  }

  private ContentRows.Blob blob() {
    if (blob == null) {
      byte[] id = new byte[ContentRows.BLOB_ID_BYTES];
      RANDOM.nextBytes(id);
      blob = new ContentRows.Blob(id);
      contents.orElseThrow().uploading();
    }
    return blob;
  }

  private void write(Contents to, Function<WriteTransaction, Boolean> work) {
    Optional<Capability.UnsyncedWrites> known = unsynced;
    if (known == null) {
      known = to.unsyncedWrites();
      unsynced = known;
    }
    boolean done =
        known.isPresent() ? known.get().writeUnsynced(work).result() : to.write(work);
    if (!done) {
      throw ContentWriter.missing();
    }
  }

  /**
   * Stores chunks. Returns whether it did. A blob whose deadline has passed may be removed already;
   * and if the engine has failed meanwhile, chunks that were not synced are lost.
   */
  private static boolean store(
      WriteTransaction transaction,
      long deadline,
      ContentRows.Blob into,
      long from,
      List<byte[]> batch) {
    byte[] key = ContentRows.deadlineKey(into);
    long stored =
        from == 0
            ? 0
            : transaction.get(Tables.ATTACHMENTS, key).map(ContentRows::chunksStored).orElse(-1L);
    if (stored != from) {
      return false;
    }
    transaction.put(
        Tables.ATTACHMENTS, key, ContentRows.deadline(deadline, from + batch.size()));
    for (int i = 0; i < batch.size(); i++) {
      transaction.put(
          Tables.ATTACHMENTS, ContentRows.chunkKey(into, from + i), batch.get(i));
    }
    return true;
  }

  /** Waits for all batches. */
  private void await() {
    CompletableFuture<?> all = stored;
    stored = CompletableFuture.completedFuture(null);
    batches.clear();
    await(all);
  }

  private static void await(CompletableFuture<?> batch) {
    try {
      batch.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StorageException.StoreUnavailable("The upload was interrupted");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IllegalStateException("A chunk could not be stored", e.getCause());
    }
  }

  /** The digests of what was written. */
  record Digested(byte[] sha256, byte[] md5, long length) {}

  /** Stores the rest, and returns the digests of all. Call it once, and then {@link #place}. */
  Digested finish() {
    if (contents.isPresent() && (blob != null || length > inlineBytesMax)) {
      if (chunkLength > 0) {
        full.add(Arrays.copyOf(chunk, chunkLength));
      }
      chunk = new byte[0];
      if (!full.isEmpty()) {
        flushChunks();
      }
      await();
    } else if (contents.isPresent()) {
      sha256.update(chunk, 0, chunkLength);
    }
    return new Digested(sha256.digest(), md5.md5(), length);
  }

  /** Returns where the content is. */
  Place place() {
    return blob == null
        ? new Place.Inline(Arrays.copyOf(chunk, chunkLength))
        : new Place.InBlob(Objects.requireNonNull(blob), length);
  }

  /** Returns the blob that was begun. */
  Optional<ContentRows.Blob> begunBlob() {
    return Optional.ofNullable(blob);
  }

  /** Waits for the thread that stores chunks, whatever it throws, and returns the memory. */
  @Override
  public void close() {
    try {
      await();
    } catch (RuntimeException e) {
      // The caller ends the upload because of an earlier failure, or has heard of this one.
    } finally {
      if (share != null) {
        share.close();
      }
    }
  }
}
