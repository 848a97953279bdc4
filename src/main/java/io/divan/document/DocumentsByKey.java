package io.divan.document;

import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import io.divan.storage.Store;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Chosen documents in a chosen order, as {@code _all_docs} answers {@code keys}; deleted ones are
 * answered too. Read in batches, each from one snapshot. For one thread.
 */
public final class DocumentsByKey {

  private static final int KEYS_MAX = 500;

  /**
   * What is known of one id.
   *
   * @param id the id asked for
   * @param revision its winner, or nothing when there is no such document
   * @param deleted whether that is a tombstone
   * @param json the document, where it was asked for and is not deleted
   */
  public record Row(
      String id, Optional<Revision> revision, boolean deleted, Optional<byte[]> json) {}

  private final Store store;
  private final List<String> ids;
  private final boolean includeDocs;
  private final boolean conflicts;
  private int position;

  DocumentsByKey(Store store, List<String> ids, boolean includeDocs, boolean conflicts) {
    this.store = store;
    this.ids = ids;
    this.includeDocs = includeDocs;
    this.conflicts = conflicts;
  }

  /** Whether more ids are left. */
  public boolean hasNext() {
    return position < ids.size();
  }

  /** The rows of the next ids, at least one. */
  public List<Row> next() {
    List<String> some = ids.subList(position, Math.min(ids.size(), position + KEYS_MAX));
    List<Row> rows = store.read(transaction -> rows(transaction, some));
    position += rows.size();
    return rows;
  }

  private List<Row> rows(ReadTransaction transaction, List<String> some) {
    List<Range> ranges =
        some.stream().map(id -> Tables.leaves(id).reversed().limit(1)).toList();
    List<Row> rows = new ArrayList<>(some.size());
    List<Page> pages = transaction.scanAll(ranges);
    for (int i = 0; i < pages.size(); i++) {
      Page page = pages.get(i);
      if (page.rows().isEmpty() && page.stop() == Page.Stop.BYTES) {
        break;
      }
      rows.add(row(some.get(i), page));
    }
    return includeDocs ? withDocs(transaction, rows) : rows;
  }

  private static Row row(String id, Page page) {
    if (page.rows().isEmpty()) {
      return new Row(id, Optional.empty(), false, Optional.empty());
    }
    Leaf winner = LeafRow.decode(page.rows().getFirst()).leaf();
    return new Row(id, Optional.of(winner.revision()), winner.deleted(), Optional.empty());
  }

  /** The first rows with their documents, as many as one call's limit on bytes allows. */
  private List<Row> withDocs(ReadTransaction transaction, List<Row> rows) {
    List<Row> live = rows.stream().filter(DocumentsByKey::isLive).toList();
    List<Range> ranges =
        live.stream().map(row -> Tables.body(row.id(), row.revision().orElseThrow())).toList();
    List<Optional<Bodies.Body>> bodies =
        ranges.isEmpty() ? List.of() : Bodies.readFirst(transaction, ranges);
    List<RevisionTree> trees =
        conflicts
            ? DocumentReader.trees(
                transaction, live.subList(0, bodies.size()).stream().map(Row::id).toList())
            : List.of();
    List<Row> withDocs = new ArrayList<>(rows.size());
    int read = 0;
    for (Row row : rows) {
      if (!isLive(row)) {
        withDocs.add(row);
      } else if (read == bodies.size()) {
        break;
      } else {
        Optional<RevisionTree> tree =
            conflicts ? Optional.of(trees.get(read)) : Optional.empty();
        withDocs.add(withDoc(transaction, row, bodies.get(read), tree));
        read++;
      }
    }
    return withDocs;
  }

  private static boolean isLive(Row row) {
    return row.revision().isPresent() && !row.deleted();
  }

  private static Row withDoc(
      ReadTransaction transaction,
      Row row,
      Optional<Bodies.Body> body,
      Optional<RevisionTree> tree) {
    Revision revision = row.revision().orElseThrow();
    byte[] json =
        body.orElseThrow(() -> DocumentReader.bodyMissing(row.id(), revision)).json();
    JsonBuffer out = new JsonBuffer();
    DocumentJson.open(out, row.id(), revision.toString(), false, json);
    if (tree.isPresent()) {
      ReadOptions options = ReadOptions.conflicts(true);
      DocumentJson.meta(out, transaction, row.id(), tree.get(), Optional.empty(), options);
    }
    return new Row(row.id(), row.revision(), false, Optional.of(out.raw('}').toBytes()));
  }
}
