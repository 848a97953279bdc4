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

  private List<Row> withDocs(ReadTransaction transaction, List<Row> rows) {
    List<Row> withDocs = new ArrayList<>(rows.size());
    long bytes = 0;
    for (Row row : rows) {
      if (bytes > ReadTransaction.SCAN_BYTES_MAX) {
        break;
      }
      if (row.revision().isEmpty() || row.deleted()) {
        withDocs.add(row);
        continue;
      }
      byte[] json =
          DocumentReader.read(transaction, row.id(), false, ReadOptions.conflicts(conflicts))
              .json();
      bytes += json.length;
      withDocs.add(new Row(row.id(), row.revision(), false, Optional.of(json)));
    }
    return withDocs;
  }
}
