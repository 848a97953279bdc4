package io.divan.document.rows;

import io.divan.document.revision.Attachment;
import io.divan.document.revision.AttachmentTotals;
import io.divan.document.revision.Leaf;
import io.divan.document.revision.Revision;
import io.divan.storage.KeyValue;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import io.divan.storage.WriteTransaction;
import io.divan.storage.tuple.TupleReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.IntStream;

/**
 * The rev_data table: the body of a revision in chunks of at most {@value #CHUNK_BYTES} bytes,
 * which together hold:
 *
 * <pre>
 * 1 byte    1 for a tombstone, else 0; for a non-leaf revision no other row says so
 * 4 bytes   big-endian: length of the attachment references; 0 without attachments
 *           the references, see {@link References}
 * the rest  the body: canonical JSON, braces included
 * </pre>
 */
public final class Bodies {
  static final int CHUNK_BYTES = 96_000;

  private static final int HEADER_BYTES = 5;

  /**
   * A body as stored.
   *
   * @param deleted whether its revision is a tombstone
   * @param json canonical JSON, braces included
   * @param attachments the attachments of its revision, in their order
   */
  public record Body(boolean deleted, byte[] json, List<Attachment> attachments) {

    /** A body without attachments. */
    public Body(boolean deleted, byte[] json) {
      this(deleted, json, List.of());
    }

    /** Returns the attachment with a name. */
    public Optional<Attachment> attachment(String name) {
      return attachments.stream().filter(one -> one.name().equals(name)).findFirst();
    }
  }

  private Bodies() {}

  /** Returns the bytes that a leaf occupies: its body and the contents of its attachments. */
  public static long storedBytes(Leaf leaf) {
    AttachmentTotals attachments = leaf.attachments();
    return HEADER_BYTES
        + (long) leaf.bodyBytes()
        + attachments.referenceBytes()
        + attachments.contentBytes();
  }

  /** Returns the bytes that a body occupies, with the contents of its attachments. */
  public static long storedBytes(Body body) {
    long bytes = HEADER_BYTES + (long) body.json().length;
    return body.attachments().isEmpty()
        ? bytes
        : bytes
            + References.encode(body.attachments()).length
            + contentBytes(body.attachments());
  }

  /** Returns the sums over the attachments of a body. */
  public static AttachmentTotals totals(Body body) {
    return AttachmentTotals.of(
        body.attachments(), References.encode(body.attachments()).length);
  }

  private static long contentBytes(List<Attachment> attachments) {
    return attachments.stream().mapToLong(one -> one.content().storedLength()).sum();
  }

  public static void write(
      WriteTransaction transaction, String id, Revision revision, Body body) {
    byte[] json = body.json();
    byte[] references = References.encode(body.attachments());
    ByteWriter first =
        new ByteWriter()
            .put((byte) (body.deleted() ? 1 : 0))
            .int32(references.length)
            .put(references);
    int written = Math.min(json.length, CHUNK_BYTES - HEADER_BYTES - references.length);
    first.put(json, 0, written);
    transaction.put(Tables.REV_DATA, Tables.bodyKey(id, revision, 0), first.toBytes());
    for (int chunk = 1; written < json.length; chunk++) {
      int count = Math.min(json.length - written, CHUNK_BYTES);
      byte[] value = new ByteWriter().put(json, written, count).toBytes();
      transaction.put(Tables.REV_DATA, Tables.bodyKey(id, revision, chunk), value);
      written += count;
    }
  }

  /**
   * Returns the attachments that a chunk of a body references; none if it is not the first one.
   */
  public static List<Attachment> attachments(KeyValue chunk) {
    if (chunk.value().length <= HEADER_BYTES) {
      return List.of();
    }
    ByteReader value = new ByteReader(chunk.value());
    value.next();
    int length = value.int32();
    return length != 0 && isFirst(chunk) ? References.decode(value.next(length)) : List.of();
  }

  /** Returns whether a chunk is the first of its body. */
  public static boolean isFirst(KeyValue chunk) {
    TupleReader key = new TupleReader(chunk.key());
    key.nextString();
    key.nextLong();
    key.nextBytes();
    return key.nextLong() == 0;
  }

  /** Returns the revision whose body a chunk belongs to. */
  public static Revision revision(KeyValue chunk) {
    TupleReader key = new TupleReader(chunk.key());
    key.nextString();
    long position = key.nextLong();
    return new Revision(position, key.nextBytes());
  }

  /** Returns the bytes of a chunk, and of the contents that it references. */
  public static long storedBytes(KeyValue chunk) {
    return chunk.value().length + contentBytes(attachments(chunk));
  }

  /**
   * Returns the stored bytes of the bodies in a range with the contents of their attachments, or
   * empty if the bodies exceed a limit.
   */
  public static OptionalLong storedBytes(ReadTransaction transaction, Range range, long max) {
    long bytes = 0;
    long read = 0;
    Optional<Range> rest = Optional.of(range).filter(some -> !some.isEmpty());
    while (rest.isPresent()) {
      Page page = transaction.scan(rest.get());
      for (KeyValue chunk : page.rows()) {
        read += chunk.value().length;
        bytes += storedBytes(chunk);
      }
      if (read > max) {
        return OptionalLong.empty();
      }
      rest = page.rest();
    }
    return OptionalLong.of(bytes);
  }

  /** Returns the body of a revision, or empty if it is not stored. */
  public static Optional<Body> read(ReadTransaction transaction, String id, Revision revision) {
    Range range = Tables.body(id, revision);
    return join(readAll(transaction, transaction.scan(range)));
  }

  /** Returns the attachments of a revision, or empty if its body is not stored. */
  public static Optional<List<Attachment>> attachments(
      ReadTransaction transaction, String id, Revision revision) {
    return transaction.scan(Tables.body(id, revision).limit(1)).rows().stream()
        .findFirst()
        .map(Bodies::attachments);
  }

  /**
   * Returns the bodies of the first ranges: as many as the limit on bytes of one call allows, at
   * least one.
   */
  public static List<Optional<Body>> readFirst(ReadTransaction transaction, List<Range> ranges) {
    return chunksOfFirst(transaction, ranges).stream().map(Bodies::join).toList();
  }

  /** Returns the chunks of these bodies, for {@link #join}. */
  public static List<List<KeyValue>> chunksOfFirst(
      ReadTransaction transaction, List<Range> ranges) {
    List<List<KeyValue>> bodies = new ArrayList<>(ranges.size());
    for (Page page : transaction.scanAll(ranges)) {
      if (page.stop() == Page.Stop.BYTES) {
        if (bodies.isEmpty()) {
          bodies.add(readAll(transaction, page));
        }
        break;
      }
      bodies.add(page.rows());
    }
    return bodies;
  }

  /** Returns for each range whether it has rows. */
  public static List<Boolean> present(ReadTransaction transaction, List<Range> ranges) {
    List<Range> first = ranges.stream().map(range -> range.limit(1)).toList();
    List<Boolean> present = new ArrayList<>(ranges.size());
    while (present.size() < ranges.size()) {
      for (Page page : transaction.scanAll(first.subList(present.size(), first.size()))) {
        if (page.rows().isEmpty() && page.stop() == Page.Stop.BYTES) {
          break;
        }
        present.add(!page.rows().isEmpty());
      }
    }
    return present;
  }

  public static List<KeyValue> readAll(ReadTransaction transaction, Page first) {
    if (first.rest().isEmpty()) {
      return first.rows();
    }
    List<KeyValue> rows = new ArrayList<>(first.rows());
    Page page = first;
    while (page.rest().isPresent()) {
      page = transaction.scan(page.rest().get());
      rows.addAll(page.rows());
    }
    return rows;
  }

  /** Receives a row and the index of its range. */
  @FunctionalInterface
  public interface RowReceiver {
    void accept(int range, KeyValue row);
  }

  /**
   * Reads ranges to their ends in one call, and in further calls if they exceed its limit on bytes.
   */
  public static void forEachRow(
      ReadTransaction transaction, List<Range> ranges, RowReceiver receiver) {
    List<Range> waiting = ranges;
    int[] indexes = IntStream.range(0, ranges.size()).toArray();
    while (!waiting.isEmpty()) {
      List<Page> pages = transaction.scanAll(waiting);
      List<Range> rest = new ArrayList<>();
      int[] restIndexes = new int[waiting.size()];
      for (int i = 0; i < pages.size(); i++) {
        int index = indexes[i];
        pages.get(i).rows().forEach(row -> receiver.accept(index, row));
        if (pages.get(i).rest().isPresent()) {
          restIndexes[rest.size()] = index;
          rest.add(pages.get(i).rest().get());
        }
      }
      waiting = rest;
      indexes = restIndexes;
    }
  }

  /** Returns the rows of ranges, read as by {@link #forEachRow}. */
  public static List<List<KeyValue>> readAll(ReadTransaction transaction, List<Range> ranges) {
    List<List<KeyValue>> rows = new ArrayList<>(ranges.size());
    ranges.forEach(range -> rows.add(new ArrayList<>(1)));
    forEachRow(transaction, ranges, (range, row) -> rows.get(range).add(row));
    return rows;
  }

  /** Joins the chunks of a body. Returns empty if there are none. */
  public static Optional<Body> join(List<KeyValue> chunks) {
    if (chunks.isEmpty()) {
      return Optional.empty();
    }
    ByteReader first = new ByteReader(chunks.getFirst().value());
    boolean deleted = first.next() == 1;
    List<Attachment> attachments = References.decode(first.next(first.int32()));
    if (chunks.size() == 1) {
      return Optional.of(new Body(deleted, first.rest(), attachments));
    }
    ByteWriter json = new ByteWriter().put(first.rest());
    for (KeyValue chunk : chunks.subList(1, chunks.size())) {
      json.put(chunk.value());
    }
    return Optional.of(new Body(deleted, json.toBytes(), attachments));
  }
}
