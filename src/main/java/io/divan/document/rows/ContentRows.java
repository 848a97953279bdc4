package io.divan.document.rows;

import io.divan.document.revision.Revision;
import io.divan.storage.KeyValue;
import io.divan.storage.Range;
import io.divan.storage.tuple.TupleReader;
import io.divan.storage.tuple.TupleWriter;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The attachments table. Its keys are tuples that begin with the kind of the row:
 *
 * <pre>
 * (0, blob, chunk)                       at most {@value #CHUNK_BYTES} bytes of content; all but
 *                                        the last chunk have that many
 * (1, blob)                              tuple (deadline, chunks): a blob that no content row
 *                                        names. The deadline is in milliseconds since 1970; once
 *                                        it has passed, the blob may be removed. An upload extends
 *                                        it, and counts the chunks that it has stored.
 *                                        (REMOVING, 0) while chunks are being removed
 * (2, SHA-256)                           content: the byte {@value #INLINE}, then the bytes; or
 *                                        the byte {@value #BLOB}, the blob, varint: its length
 * (3, SHA-256, docid, position, revision)  empty: a revision whose body is stored references this
 *                                        content
 * </pre>
 *
 * A blob is named by 16 random bytes. Every content row has a reference, every reference has a
 * content row, and every blob has either a content row or a deadline.
 */
public final class ContentRows {
  public static final int CHUNK_BYTES = Bodies.CHUNK_BYTES;
  public static final int BLOB_ID_BYTES = 16;

  /** The deadline of a blob that lacks chunks already, so that it can no longer be used. */
  public static final long REMOVING = -1;

  private static final int CHUNKS = 0;
  private static final int DEADLINES = 1;
  private static final int CONTENTS = 2;
  private static final int REFERENCES = 3;

  private static final byte INLINE = 0;
  private static final byte BLOB = 1;

  /** The kinds of rows. */
  public enum Kind {
    CHUNK,
    DEADLINE,
    CONTENT,
    REFERENCE
  }

  /** The place of a content. */
  public sealed interface Place {

    /** Content in its own row. */
    record Inline(byte[] bytes) implements Place {}

    /** Content in chunks. */
    record InBlob(Blob blob, long length) implements Place {}
  }

  /**
   * The name of a blob.
   *
   * @param id {@value #BLOB_ID_BYTES} bytes
   */
  public record Blob(byte[] id) {
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Blob blob && Arrays.equals(id, blob.id);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(id);
    }

    @Override
    public String toString() {
      return HexFormat.of().formatHex(id);
    }
  }

  /** A reference to content. */
  public record Reference(byte[] sha256, String id, Revision revision) {}

  private ContentRows() {}

  public static byte[] chunkKey(Blob blob, long chunk) {
    return new TupleWriter().add(CHUNKS).add(blob.id()).add(chunk).toBytes();
  }

  /** Returns the range of a blob's chunks. */
  public static Range chunks(Blob blob) {
    return Tables.below(
        Tables.ATTACHMENTS, new TupleWriter().add(CHUNKS).add(blob.id()).toBytes());
  }

  /** Returns the range of a blob's chunks from one on, up to and without another. */
  public static Range chunks(Blob blob, long from, long to) {
    return Range.of(Tables.ATTACHMENTS, chunkKey(blob, from), chunkKey(blob, to));
  }

  public static Range allChunks() {
    return kind(CHUNKS);
  }

  public static byte[] deadlineKey(Blob blob) {
    return new TupleWriter().add(DEADLINES).add(blob.id()).toBytes();
  }

  public static Range allDeadlines() {
    return kind(DEADLINES);
  }

  public static byte[] contentKey(byte[] sha256) {
    return new TupleWriter().add(CONTENTS).add(sha256).toBytes();
  }

  public static Range allContents() {
    return kind(CONTENTS);
  }

  public static byte[] referenceKey(Reference reference) {
    return new TupleWriter()
        .add(REFERENCES)
        .add(reference.sha256())
        .add(reference.id())
        .add(reference.revision().position())
        .add(reference.revision().id())
        .toBytes();
  }

  /** Returns the range of the references to a content. */
  public static Range references(byte[] sha256) {
    return Tables.below(
        Tables.ATTACHMENTS, new TupleWriter().add(REFERENCES).add(sha256).toBytes());
  }

  public static Range allReferences() {
    return kind(REFERENCES);
  }

  /** Returns the kind of the row with a key. */
  public static Kind kind(byte[] key) {
    long kind = new TupleReader(key).nextLong();
    if (kind < 0 || kind > REFERENCES) {
      throw new IllegalStateException("A row of attachments has the unknown kind " + kind);
    }
    return Kind.values()[(int) kind];
  }

  private static Range kind(int kind) {
    return Tables.below(Tables.ATTACHMENTS, new TupleWriter().add(kind).toBytes());
  }

  /** Returns the blob that a key of a chunk or of a deadline names. */
  public static Blob blob(byte[] key) {
    TupleReader reader = new TupleReader(key);
    reader.nextLong();
    return new Blob(reader.nextBytes());
  }

  /** Returns the number of a chunk, from its key. */
  public static long chunk(byte[] key) {
    TupleReader reader = new TupleReader(key);
    reader.nextLong();
    reader.nextBytes();
    return reader.nextLong();
  }

  /** Returns the SHA-256 that a key of a content names. */
  public static byte[] sha256(byte[] key) {
    TupleReader reader = new TupleReader(key);
    reader.nextLong();
    return reader.nextBytes();
  }

  /** Returns the reference that a key is. */
  public static Reference reference(byte[] key) {
    TupleReader reader = new TupleReader(key);
    reader.nextLong();
    byte[] sha256 = reader.nextBytes();
    String id = reader.nextString();
    long position = reader.nextLong();
    return new Reference(sha256, id, new Revision(position, reader.nextBytes()));
  }

  /** Encodes the value of a deadline. */
  public static byte[] deadline(long millis, long chunks) {
    return new TupleWriter().add(millis).add(chunks).toBytes();
  }

  /** Returns the number of chunks in the value of a deadline. */
  public static long chunksStored(byte[] value) {
    TupleReader reader = new TupleReader(value);
    reader.nextLong();
    return reader.nextLong();
  }

  public static long deadline(KeyValue row) {
    return deadline(row.value());
  }

  /** Decodes the value of a deadline's row. */
  public static long deadline(byte[] value) {
    return new TupleReader(value).nextLong();
  }

  public static byte[] content(Place place) {
    return switch (place) {
      case Place.Inline inline -> new ByteWriter().put(INLINE).put(inline.bytes()).toBytes();
      case Place.InBlob in ->
          new ByteWriter().put(BLOB).put(in.blob().id()).varint(in.length()).toBytes();
    };
  }

  /** Decodes the value of a content row. */
  public static Place place(byte[] value) {
    ByteReader in = new ByteReader(value);
    int layout = in.next();
    return switch (layout) {
      case INLINE -> new Place.Inline(in.rest());
      case BLOB -> new Place.InBlob(new Blob(in.next(BLOB_ID_BYTES)), in.nextVarlong());
      default ->
          throw new IllegalStateException("The row of a content has the unknown layout " + layout);
    };
  }

  /** Returns the number of chunks of a blob. */
  public static long chunkCount(long length) {
    return Math.ceilDiv(length, CHUNK_BYTES);
  }

  /** Returns the blob of a place, if it has one. */
  public static Optional<Place.InBlob> blobOf(Place place) {
    return place instanceof Place.InBlob in ? Optional.of(in) : Optional.empty();
  }
}
