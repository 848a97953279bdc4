package io.divan.document;

import io.divan.document.revision.Attachment;
import io.divan.document.revision.Leaf;
import io.divan.document.revision.Revision;
import io.divan.document.revision.RevisionTree;
import io.divan.document.rows.Bodies;
import io.divan.document.rows.LeafRows;
import io.divan.document.rows.Tables;
import io.divan.json.JsonBuffer;
import io.divan.storage.KeyValue;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import io.divan.storage.tuple.TupleReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads the winners of documents within a transaction, as one principal sees them. Deleted
 * documents have none. Safe for use by many threads.
 */
public final class WinnerReader {

  /** Reads as a server administrator does. */
  public static final WinnerReader UNRESTRICTED = new WinnerReader(VisibleBodies.ALL);

  /**
   * The winner of a document that is not deleted.
   *
   * @param body the part that the principal sees: canonical JSON without underscore members; the
   *     caller must not modify it
   * @param attachments the attachments that the principal sees
   * @param conflicts the other leaves that are not deleted, the best first; none if they were not
   *     asked for
   */
  public record Winner(
      String id,
      Revision revision,
      byte[] body,
      List<Attachment> attachments,
      List<Revision> conflicts) {

    /**
     * Returns the document as CouchDB shows it: {@code _id}, {@code _rev}, the body, {@code
     * _conflicts} if there are some, and stubs of the attachments.
     */
    public byte[] toJson() {
      JsonBuffer out = new JsonBuffer();
      DocumentJson.open(out, id, revision.toString(), false, body);
      String before = ",\"_conflicts\":[";
      for (Revision conflict : conflicts) {
        out.raw(before).string(conflict.toString());
        before = ",";
      }
      if (!conflicts.isEmpty()) {
        out.raw(']');
      }
      DocumentJson.stubs(out, attachments, false);
      return out.raw('}').toBytes();
    }
  }

  /**
   * A range of ids, in the order of their UTF-8 bytes.
   *
   * @param least the least id; empty for the first
   * @param leastIncluded whether the range has that id
   * @param greatest the greatest id; empty for the last
   * @param greatestIncluded whether the range has that id
   * @param descending whether to read from the greatest id down
   */
  public record Ids(
      Optional<String> least,
      boolean leastIncluded,
      Optional<String> greatest,
      boolean greatestIncluded,
      boolean descending) {

    /** Returns the range of all ids. */
    public static Ids all(boolean descending) {
      return new Ids(Optional.empty(), true, Optional.empty(), true, descending);
    }

    /** Returns the rest of this range after an id, in the order of reading. */
    public Ids after(String id) {
      return descending
          ? new Ids(least, leastIncluded, Optional.of(id), false, true)
          : new Ids(Optional.of(id), false, greatest, greatestIncluded, false);
    }

    private Range range() {
      byte[] begin =
          least.map(id -> leastIncluded ? Tables.key(id) : after(Tables.key(id)))
              .orElseGet(() -> new byte[0]);
      Optional<byte[]> end =
          greatest.map(id -> greatestIncluded ? after(Tables.key(id)) : Tables.key(id));
      return new Range(Tables.ALL_DOCS, begin, end, descending, Range.NO_LIMIT);
    }

    private static byte[] after(byte[] key) {
      return Arrays.copyOf(key, key.length + 1);
    }
  }

  /**
   * Consecutive documents.
   *
   * @param winners the documents that the principal sees
   * @param examined how many documents were read, with those that the principal does not see
   * @param rest where the range continues; empty at its end
   */
  public record Slice(List<Winner> winners, int examined, Optional<Ids> rest) {}

  private record Listed(String id, Revision revision) {
    Range body() {
      return Tables.body(id, revision);
    }
  }

  private final VisibleBodies visible;

  WinnerReader(VisibleBodies visible) {
    this.visible = visible;
  }

  /**
   * Whether the principal may see less than the whole of each document. Then no values of an index
   * may be shown without its document.
   */
  public boolean hidesSome() {
    return visible.hasRule();
  }

  /**
   * Reads documents: as many of the first ids as about a megabyte allows, at least one. Usually
   * one round trip.
   *
   * @param conflicts whether to read the conflicts, too
   * @return the winners of the first ids; empty for those that do not exist, are deleted, or are
   *     hidden
   */
  public List<Optional<Winner>> read(
      ReadTransaction transaction, List<String> ids, boolean conflicts) {
    if (ids.isEmpty()) {
      return List.of();
    }
    List<Range> ranges = new ArrayList<>(2 * ids.size());
    for (String id : ids) {
      byte[] key = Tables.key(id);
      ranges.add(Range.of(Tables.ALL_DOCS, key, Ids.after(key)).limit(1));
      ranges.add(Tables.bodies(id).reversed().limit(1));
    }
    List<Page> pages = transaction.scanAll(ranges);
    Map<String, Listed> missed = new LinkedHashMap<>();
    Map<String, Bodies.Body> bodies = new LinkedHashMap<>();
    List<Optional<Listed>> listed = new ArrayList<>(ids.size());
    for (int i = 0; i < ids.size(); i++) {
      Page row = pages.get(2 * i);
      if (i > 0 && isCut(row)) {
        break;
      }
      List<KeyValue> rows = isCut(row) ? Bodies.readAll(transaction, row) : row.rows();
      Optional<Listed> winner = rows.stream().findFirst().map(WinnerReader::listed);
      listed.add(winner);
      if (winner.isPresent()) {
        newest(pages.get(2 * i + 1), winner.get())
            .ifPresentOrElse(
                body -> bodies.put(winner.get().id(), body),
                () -> missed.put(winner.get().id(), winner.get()));
      }
    }
    int complete = readMissed(transaction, listed, missed, bodies);
    return winners(transaction, listed.subList(0, complete), bodies, conflicts);
  }

  /** Whether a row may be missing because the limit on bytes was reached before it. */
  private static boolean isCut(Page page) {
    return page.rows().isEmpty() && page.stop() == Page.Stop.BYTES;
  }

  /** The winner's body if the last chunk of the last stored body is all of it. */
  private static Optional<Bodies.Body> newest(Page page, Listed winner) {
    return page.rows().stream()
        .findFirst()
        .filter(chunk -> Bodies.isFirst(chunk))
        .filter(chunk -> Bodies.revision(chunk).equals(winner.revision()))
        .flatMap(chunk -> Bodies.join(List.of(chunk)));
  }

  /** Reads the bodies that were not the newest; returns how many documents are complete. */
  private static int readMissed(
      ReadTransaction transaction,
      List<Optional<Listed>> listed,
      Map<String, Listed> missed,
      Map<String, Bodies.Body> bodies) {
    if (missed.isEmpty()) {
      return listed.size();
    }
    List<Listed> wanted = List.copyOf(missed.values());
    List<Optional<Bodies.Body>> read =
        Bodies.readFirst(transaction, wanted.stream().map(Listed::body).toList());
    for (int i = 0; i < read.size(); i++) {
      Listed one = wanted.get(i);
      bodies.put(one.id(), present(one, read.get(i)));
    }
    int complete = 0;
    while (complete < listed.size()
        && listed.get(complete).map(one -> bodies.containsKey(one.id())).orElse(true)) {
      complete++;
    }
    return complete;
  }

  private static Bodies.Body present(Listed winner, Optional<Bodies.Body> body) {
    return body.orElseThrow(() -> DocumentReader.bodyMissing(winner.id(), winner.revision()));
  }

  private static Listed listed(KeyValue row) {
    TupleReader value = new TupleReader(row.value());
    return new Listed(
        new TupleReader(row.key()).nextString(),
        new Revision(value.nextLong(), value.nextBytes()));
  }

  private List<Optional<Winner>> winners(
      ReadTransaction transaction,
      List<Optional<Listed>> listed,
      Map<String, Bodies.Body> bodies,
      boolean conflicts) {
    List<String> live =
        listed.stream().flatMap(Optional::stream).map(Listed::id).distinct().toList();
    Map<String, RevisionTree> trees = new LinkedHashMap<>();
    if (conflicts) {
      List<RevisionTree> read = LeafRows.trees(transaction, live);
      for (int i = 0; i < live.size(); i++) {
        trees.put(live.get(i), read.get(i));
      }
    }
    return listed.stream()
        .map(
            one -> one.flatMap(
                winner -> winner(
                    transaction,
                    winner,
                    present(winner, Optional.ofNullable(bodies.get(winner.id()))),
                    Optional.ofNullable(trees.get(winner.id())))))
        .toList();
  }

  private Optional<Winner> winner(
      ReadTransaction transaction,
      Listed listed,
      Bodies.Body body,
      Optional<RevisionTree> tree) {
    return visible
        .ifVisible(transaction, listed.id(), body.json())
        .map(
            shown -> new Winner(
                listed.id(),
                listed.revision(),
                shown,
                AttachmentReader.visible(body, shown),
                tree.map(leaves -> conflicts(leaves, listed.revision())).orElse(List.of())));
  }

  private static List<Revision> conflicts(RevisionTree tree, Revision winner) {
    return tree.leavesWinnerFirst().stream()
        .filter(leaf -> !leaf.deleted())
        .map(Leaf::revision)
        .filter(revision -> !revision.equals(winner))
        .toList();
  }

  /**
   * Reads the next documents of a range, design documents included, in two round trips: as many as
   * about a megabyte allows, at least one.
   *
   * @param rowsMax the most documents, at least 1
   * @param conflicts whether to read the conflicts, too
   */
  public Slice scan(ReadTransaction transaction, Ids ids, int rowsMax, boolean conflicts) {
    Range range = ids.range();
    if (range.isEmpty()) {
      return new Slice(List.of(), 0, Optional.empty());
    }
    Page page = transaction.scan(range.limit(rowsMax));
    List<Listed> listed = page.rows().stream().map(WinnerReader::listed).toList();
    if (listed.isEmpty()) {
      return new Slice(List.of(), 0, Optional.empty());
    }
    List<Optional<Bodies.Body>> read =
        Bodies.readFirst(transaction, listed.stream().map(Listed::body).toList());
    Map<String, Bodies.Body> bodies = new LinkedHashMap<>();
    for (int i = 0; i < read.size(); i++) {
      bodies.put(listed.get(i).id(), present(listed.get(i), read.get(i)));
    }
    List<Optional<Listed>> some =
        listed.subList(0, read.size()).stream().map(Optional::of).toList();
    boolean end = read.size() == listed.size() && page.rest().isEmpty();
    return new Slice(
        winners(transaction, some, bodies, conflicts).stream().flatMap(Optional::stream).toList(),
        read.size(),
        end ? Optional.empty() : Optional.of(ids.after(listed.get(read.size() - 1).id())));
  }
}
