package io.divan.document.rows;

import io.divan.document.revision.AttachmentTotals;
import io.divan.document.revision.Leaf;
import io.divan.document.revision.RevisionPath;
import io.divan.storage.KeyValue;
import io.divan.storage.Versionstamp;
import io.divan.storage.tuple.TupleReader;
import java.util.Optional;

/**
 * A row of the docs table. The value:
 *
 * <pre>
 * 1 byte    {@value #LAYOUT}, the layout
 * 1 byte    1 for the document's winner, else 0
 * winner:   12 bytes: the document's key in changes
 *           varint: number of leaves of the document
 * varint    length of the body's JSON
 * varint    number of attachments
 * varint    number of known ancestors, then for each, newest first:
 *           varint: length of its id; the id
 * with attachments:
 *           varint: stored bytes of the references; varint: stored bytes of the contents
 * </pre>
 *
 * A varint is little-endian in groups of seven bits, the high bit set in all but the last byte.
 *
 * @param leaf the leaf
 * @param sequence the document's key in changes, if the leaf is the winner
 * @param branches the number of leaves of the document if the leaf is the winner, else 0
 */
public record LeafRow(Leaf leaf, Optional<Versionstamp> sequence, int branches) {
  private static final byte LAYOUT = 1;
  private static final byte WINNER = 1;

  public static LeafRow decode(KeyValue row) {
    TupleReader key = new TupleReader(row.key());
    key.nextString();
    boolean deleted = !key.nextBoolean();
    long position = key.nextLong();
    byte[] id = key.nextBytes();
    ByteReader value = new ByteReader(row.value());
    int layout = value.next();
    if (layout != LAYOUT) {
      throw new IllegalStateException("A leaf's row has the unknown layout " + layout);
    }
    boolean winner = value.next() == WINNER;
    Optional<Versionstamp> sequence = Optional.empty();
    int branches = 0;
    if (winner) {
      sequence = Optional.of(Versionstamp.fromBytes(value.next(Versionstamp.LENGTH), 0));
      branches = value.nextVarint();
    }
    int bodyBytes = value.nextVarint();
    int attachments = value.nextVarint();
    int ancestors = value.nextVarint();
    if (ancestors < 0 || ancestors > value.remaining()) {
      throw new IllegalStateException("The row of a leaf is too short for " + ancestors
          + " ancestors");
    }
    byte[][] ids = new byte[ancestors + 1][];
    ids[0] = id;
    for (int i = 1; i < ids.length; i++) {
      ids[i] = value.next(value.nextVarint());
    }
    AttachmentTotals totals =
        attachments == 0
            ? AttachmentTotals.NONE
            : new AttachmentTotals(attachments, value.nextVarint(), value.nextVarlong());
    return new LeafRow(
        new Leaf(new RevisionPath(position, ids), deleted, bodyBytes, totals),
        sequence,
        branches);
  }

  /** Encodes the value of a leaf that is not the winner. */
  public static byte[] encode(Leaf leaf) {
    return tail(new ByteWriter().put(LAYOUT).put((byte) 0), leaf).toBytes();
  }

  /** Encodes the winner's value before its sequence. */
  public static byte[] winnerPrefix() {
    return new byte[] {LAYOUT, WINNER};
  }

  /** Encodes the winner's value after its sequence. */
  public static byte[] winnerSuffix(Leaf leaf, int branches) {
    return tail(new ByteWriter().varint(branches), leaf).toBytes();
  }

  private static ByteWriter tail(ByteWriter out, Leaf leaf) {
    RevisionPath path = leaf.path();
    AttachmentTotals attachments = leaf.attachments();
    out.varint(leaf.bodyBytes()).varint(attachments.count()).varint(path.length() - 1);
    for (int i = 1; i < path.length(); i++) {
      out.varint(path.id(i).length).put(path.id(i));
    }
    if (attachments.count() > 0) {
      out.varint(attachments.referenceBytes()).varint(attachments.contentBytes());
    }
    return out;
  }
}
