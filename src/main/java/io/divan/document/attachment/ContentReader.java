package io.divan.document.attachment;

import io.divan.document.rows.ContentRows;
import io.divan.document.rows.ContentRows.Place;
import io.divan.storage.StorageException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * The stored bytes of a content, from some byte on. While a batch of chunks is used, another thread
 * reads the next. For one thread.
 *
 * <p>Content is immutable. Content that is removed meanwhile is readable until its lease ends;
 * then reading throws {@link StorageException.StoreUnavailable}.
 */
public final class ContentReader extends InputStream {
  private final Contents contents;
  private final Place place;
  private final long length;
  private long position;

  /** The chunks at hand, and the number of the first one. */
  private List<byte[]> chunks = List.of();

  private long firstChunk;
  private ContentBuffers.@Nullable Share share;
  private @Nullable FutureTask<List<byte[]>> next;
  private long nextFrom;

  ContentReader(Contents contents, Place place, long from) {
    this.contents = contents;
    this.place = place;
    this.length =
        switch (place) {
          case Place.Inline inline -> inline.bytes().length;
          case Place.InBlob in -> in.length();
        };
    this.position = Math.min(from, length);
    if (place instanceof Place.Inline inline) {
      chunks = List.of(inline.bytes());
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] bytes, int offset, int count) throws IOException {
    if (count == 0) {
      return 0;
    }
    if (position >= length) {
      return -1;
    }
    byte[] chunk = chunk(length);
    int at = offset();
    int some = Math.min(count, chunk.length - at);
    System.arraycopy(chunk, at, bytes, offset, some);
    position += some;
    return some;
  }

  /** Writes the next bytes to a stream, without copying them. */
  public void transfer(OutputStream out, long count) throws IOException {
    long end = Math.min(length, position + count);
    while (position < end) {
      byte[] chunk = chunk(end);
      int at = offset();
      int some = (int) Math.min(end - position, chunk.length - at);
      out.write(chunk, at, some);
      position += some;
    }
  }

  @Override
  public long transferTo(OutputStream out) throws IOException {
    long before = position;
    transfer(out, length - position);
    return position - before;
  }

  private int offset() {
    return place instanceof Place.Inline
        ? (int) position
        : (int) (position % ContentRows.CHUNK_BYTES);
  }

  /**
   * Returns the chunk at the position.
   *
   * @param end the byte up to which the caller reads
   */
  private byte[] chunk(long end) {
    if (!(place instanceof Place.InBlob in)) {
      return chunks.getFirst();
    }
    long wanted = position / ContentRows.CHUNK_BYTES;
    if (wanted >= firstChunk + chunks.size() || wanted < firstChunk) {
      load(in, wanted, end);
    }
    return chunks.get((int) (wanted - firstChunk));
  }

  private void load(Place.InBlob in, long wanted, long end) {
    if (share == null) {
      share = ContentBuffers.SENDING.take();
    }
    long last = ContentRows.chunkCount(end);
    int batch = share.readChunks();
    FutureTask<List<byte[]>> ahead = next;
    next = null;
    chunks =
        ahead != null && nextFrom == wanted
            ? result(ahead)
            : contents.chunks(in.blob(), wanted, Math.min(last, wanted + batch));
    firstChunk = wanted;
    nextFrom = wanted + chunks.size();
    if (nextFrom < last) {
      long from = nextFrom;
      FutureTask<List<byte[]>> task =
          new FutureTask<>(
              () -> contents.chunks(in.blob(), from, Math.min(last, from + batch)));
      next = task;
      Thread.ofVirtual().name("attachment-reader").start(task);
    }
  }

  private static List<byte[]> result(FutureTask<List<byte[]>> task) {
    try {
      return task.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StorageException.StoreUnavailable("The download was interrupted");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IllegalStateException("Chunks could not be read", e.getCause());
    }
  }

  /** Returns the memory. A transaction that reads ahead ends by itself. */
  @Override
  public void close() {
    if (share != null) {
      share.close();
    }
  }
}
