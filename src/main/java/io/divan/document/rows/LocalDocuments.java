package io.divan.document.rows;

import io.divan.storage.KeyValue;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import io.divan.storage.WriteTransaction;
import io.divan.storage.tuple.TupleReader;
import io.divan.storage.tuple.TupleWriter;
import java.util.List;
import java.util.Optional;

/**
 * The local_docs table: documents that are not replicated and not listed with documents or changes.
 * Their revisions are numbers, {@code 0-N}. An edit sets the revision to the number it names plus
 * one, and is never refused. The chunks of a document, of at most {@value Bodies#CHUNK_BYTES} bytes
 * each, together hold:
 *
 * <pre>
 * 1 byte    {@value #LAYOUT}, the layout
 * varint    the revision's number
 * the rest  the body: canonical JSON, braces included
 * </pre>
 */
public final class LocalDocuments {
  private static final byte LAYOUT = 1;

  /**
   * A local document.
   *
   * @param number the N of its revision
   * @param json canonical JSON, braces included
   */
  public record Local(long number, byte[] json) {
    public String revision() {
      return "0-" + number;
    }
  }

  private LocalDocuments() {}

  public static Optional<Local> read(ReadTransaction transaction, String id) {
    return join(Bodies.readAll(transaction, transaction.scan(range(id))));
  }

  /** Joins the chunks of a document. Returns empty if there are none. */
  public static Optional<Local> join(List<KeyValue> chunks) {
    if (chunks.isEmpty()) {
      return Optional.empty();
    }
    ByteReader first = open(chunks.getFirst().value());
    long number = first.nextVarlong();
    ByteWriter json = new ByteWriter().put(first.rest());
    chunks.stream().skip(1).forEach(chunk -> json.put(chunk.value()));
    return Optional.of(new Local(number, json.toBytes()));
  }

  /** Returns whether a row is the first chunk of a document. */
  public static boolean isFirst(KeyValue row) {
    TupleReader key = new TupleReader(row.key());
    key.nextString();
    return key.nextLong() == 0;
  }

  /** Returns a reader of the first chunk, placed after the layout. */
  public static ByteReader open(byte[] firstChunk) {
    ByteReader reader = new ByteReader(firstChunk);
    int layout = reader.next();
    if (layout != LAYOUT) {
      throw new IllegalStateException(
          "A local document's row has the unknown layout " + layout);
    }
    return reader;
  }

  /**
   * Removes a local document.
   *
   * @return the change of the number of local documents
   */
  public static int delete(WriteTransaction transaction, String id, boolean existed) {
    if (existed) {
      transaction.deleteRange(range(id));
    }
    return existed ? -1 : 0;
  }

  /**
   * Stores a local document. Replaces the existing one.
   *
   * @return the change of the number of local documents
   */
  public static int write(
      WriteTransaction transaction, String id, long number, byte[] json, boolean existed) {
    if (existed) {
      transaction.deleteRange(range(id));
    }
    byte[] stored =
        new ByteWriter().put(LAYOUT).varint(number).put(json).toBytes();
    for (int chunk = 0, from = 0; from < stored.length; chunk++, from += Bodies.CHUNK_BYTES) {
      int count = Math.min(stored.length - from, Bodies.CHUNK_BYTES);
      transaction.put(
          Tables.LOCAL_DOCS, key(id, chunk), new ByteWriter().put(stored, from, count).toBytes());
    }
    return existed ? 0 : 1;
  }

  public static Range range(String id) {
    return Tables.below(Tables.LOCAL_DOCS, Tables.key(id));
  }

  private static byte[] key(String id, int chunk) {
    return new TupleWriter().add(id).add(chunk).toBytes();
  }
}
