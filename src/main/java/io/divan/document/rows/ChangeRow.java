package io.divan.document.rows;

import io.divan.document.revision.Leaf;
import io.divan.document.revision.Revision;
import io.divan.document.revision.Sequence;
import io.divan.storage.KeyValue;
import io.divan.storage.ReadTransaction;
import io.divan.storage.Versionstamp;
import io.divan.storage.tuple.TupleReader;
import io.divan.storage.tuple.TupleWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A row of the changes table. The value is the tuple (docid, position, revision, deleted, number);
 * rows that earlier versions wrote lack the number.
 *
 * @param stamp the row's key
 * @param number the number of the update, if the row has one
 * @param id the document
 * @param winner its winning revision
 * @param deleted whether the winner is a tombstone
 */
public record ChangeRow(
    Versionstamp stamp, Optional<Long> number, String id, Revision winner, boolean deleted) {

  /** Returns the sequence of this change. */
  public Sequence sequence() {
    return number.map(n -> new Sequence(n, stamp)).orElseGet(() -> Sequence.unnumbered(stamp));
  }

  public static ChangeRow decode(KeyValue row) {
    return decode(new TupleReader(row.key()).nextVersionstamp(), row.value());
  }

  /** Decodes a value. Ignores fields that a later minor format adds at its end. */
  public static ChangeRow decode(Versionstamp stamp, byte[] bytes) {
    TupleReader value = new TupleReader(bytes);
    String id = value.nextString();
    Revision winner = new Revision(value.nextLong(), value.nextBytes());
    boolean deleted = value.nextBoolean();
    Optional<Long> number = value.hasNext() ? Optional.of(value.nextLong()) : Optional.empty();
    return new ChangeRow(stamp, number, id, winner, deleted);
  }

  /** Encodes the value of a row. */
  public static byte[] encode(String id, Leaf winner, long number) {
    return new TupleWriter()
        .add(id)
        .add(winner.revision().position())
        .add(winner.revision().id())
        .add(winner.deleted())
        .add(number)
        .toBytes();
  }

  /** Returns the sequences of existing changes. */
  public static List<Sequence> sequences(ReadTransaction transaction, List<Versionstamp> stamps) {
    List<Optional<byte[]>> rows =
        transaction.getAll(Tables.CHANGES, stamps.stream().map(Tables::changeKey).toList());
    List<Sequence> sequences = new ArrayList<>(stamps.size());
    for (int i = 0; i < rows.size(); i++) {
      Versionstamp stamp = stamps.get(i);
      sequences.add(
          rows.get(i)
              .map(value -> decode(stamp, value).sequence())
              .orElseGet(() -> Sequence.unnumbered(stamp)));
    }
    return sequences;
  }
}
