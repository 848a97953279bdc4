package io.divan.document;

import io.divan.document.revision.Revision;
import io.divan.storage.KeyValue;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import io.divan.storage.WriteTransaction;
import io.divan.storage.tuple.TupleReader;
import io.divan.storage.tuple.TupleWriter;
import java.util.List;
import java.util.Optional;

/**
 * The local_docs table: documents that are never replicated and appear in no listing of documents
 * or changes. Their revisions are numbers, {@code 0-N}; an edit is never refused for its revision,
 * it becomes that number plus one. Chunks of at most {@value Bodies#CHUNK_BYTES} bytes together
 * hold:
 *
 * <pre>
 * 1 byte    {@value #LAYOUT}, the layout
 * varint    the revision's number
 * the rest  the body: canonical JSON, braces included
 * </pre>
 */
final class LocalDocuments {
  private static final byte LAYOUT = 1;

  /**
   * A local document.
   *
   * @param number its revision
   * @param json canonical JSON, braces included
   */
  record Local(long number, byte[] json) {
    String revision() {
      return "0-" + number;
    }
  }

  private LocalDocuments() {}

  static Optional<Local> read(ReadTransaction transaction, String id) {
    return join(Bodies.readAll(transaction, transaction.scan(range(id))));
  }

  /** The document that these chunks hold, or nothing where there is none. */
  static Optional<Local> join(List<KeyValue> chunks) {
    if (chunks.isEmpty()) {
      return Optional.empty();
    }
    ByteReader first = open(chunks.getFirst().value());
    long number = first.nextVarlong();
    ByteWriter json = new ByteWriter().put(first.rest());
    chunks.stream().skip(1).forEach(chunk -> json.put(chunk.value()));
    return Optional.of(new Local(number, json.toBytes()));
  }

  /** Whether this is the row of a document's first chunk. */
  static boolean isFirst(KeyValue row) {
    TupleReader key = new TupleReader(row.key());
    key.nextString();
    return key.nextLong() == 0;
  }

  /** Reads the first chunk, after its layout. */
  static ByteReader open(byte[] firstChunk) {
    ByteReader reader = new ByteReader(firstChunk);
    int layout = reader.next();
    if (layout != LAYOUT) {
      throw new IllegalStateException(
          "A local document's row has layout " + layout + ", unknown here");
    }
    return reader;
  }

  /**
   * Applies an edit.
   *
   * @param existed whether the document is there
   * @return by how much the number of local documents changes
   */
  static int write(
      WriteTransaction transaction, String id, long number, DocumentInput input, boolean existed) {
    if (existed) {
      transaction.deleteRange(range(id));
    }
    if (input.deleted()) {
      return existed ? -1 : 0;
    }
    byte[] stored =
        new ByteWriter().put(LAYOUT).varint(number).put(input.body()).toBytes();
    for (int chunk = 0, from = 0; from < stored.length; chunk++, from += Bodies.CHUNK_BYTES) {
      int count = Math.min(stored.length - from, Bodies.CHUNK_BYTES);
      transaction.put(
          Tables.LOCAL_DOCS, key(id, chunk), new ByteWriter().put(stored, from, count).toBytes());
    }
    return existed ? 0 : 1;
  }

  /**
   * The number that an edit's revision gives: that of {@code _rev} plus one, 1 without, 0 for a
   * deletion. {@code _revisions} has no effect.
   *
   * @throws DocumentException.BadRequest when the revision is none of a local document
   */
  static long nextNumber(DocumentInput input) {
    if (input.deleted()) {
      return 0;
    }
    return input.revision().map(LocalDocuments::number).orElse(0L) + 1;
  }

  private static long number(Revision revision) {
    String digits = Revision.idText(revision.id());
    if (revision.position() != 0 || !digits.matches("[0-9]{1,15}")) {
      throw DocumentParser.invalidRevision();
    }
    return Long.parseLong(digits);
  }

  static Range range(String id) {
    return Tables.below(Tables.LOCAL_DOCS, Tables.key(id));
  }

  private static byte[] key(String id, int chunk) {
    return new TupleWriter().add(id).add(chunk).toBytes();
  }
}
