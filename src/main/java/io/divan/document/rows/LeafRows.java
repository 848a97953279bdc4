package io.divan.document.rows;

import io.divan.document.revision.RevisionTree;
import io.divan.storage.KeyValue;
import io.divan.storage.Page;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads the docs table: the leaves of documents, as revision trees. */
public final class LeafRows {

  private LeafRows() {}

  /** Returns the revision tree with the leaves of these rows. */
  public static RevisionTree tree(List<KeyValue> rows) {
    return RevisionTree.of(rows.stream().map(LeafRow::decode).map(LeafRow::leaf).toList());
  }

  /** Reads the revision trees of many documents, in the order of the ids. */
  public static List<RevisionTree> trees(ReadTransaction transaction, List<String> ids) {
    List<Range> ranges = ids.stream().map(Tables::leaves).toList();
    List<RevisionTree> trees = new ArrayList<>(ids.size());
    while (trees.size() < ids.size()) {
      for (Page page : transaction.scanAll(ranges.subList(trees.size(), ranges.size()))) {
        if (page.stop() == Page.Stop.BYTES && page.rows().isEmpty()) {
          break;
        }
        trees.add(tree(Bodies.readAll(transaction, page)));
      }
    }
    return trees;
  }

  /** Reads the revision tree of a document, empty if it does not exist. */
  public static RevisionTree tree(ReadTransaction transaction, String id) {
    return tree(Bodies.readAll(transaction, transaction.scan(Tables.leaves(id))));
  }

  /** Reads the row of a document's winner. */
  public static Optional<LeafRow> winner(ReadTransaction transaction, String id) {
    return transaction.scan(Tables.leaves(id).reversed().limit(1)).rows().stream()
        .findFirst()
        .map(LeafRow::decode);
  }
}
