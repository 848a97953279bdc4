package io.divan.query.index;

import io.divan.document.DocumentChange;
import io.divan.document.DocumentIds;
import io.divan.document.DocumentVersion;
import io.divan.document.EditObserver;
import io.divan.document.IndexStorage;
import io.divan.query.plan.IndexDefinition;
import io.divan.record.index.Contribution;
import io.divan.record.index.IndexCatalog;
import io.divan.record.index.IndexHandle;
import io.divan.record.index.IndexWriter;
import io.divan.storage.WriteTransaction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Keeps the indexes of a database in the transactions that change documents. A change of a design
 * document creates and drops indexes; a change of another document changes its rows.
 */
final class IndexObserver implements EditObserver {
  private final DatabaseIndexes indexes;
  private final WriteTransaction transaction;
  private final Runnable indexesChanged;
  private long rowsWritten;

  /**
   * Observes one transaction.
   *
   * @param indexes the indexes at its start
   * @param indexesChanged called if the transaction creates or drops an index; it may yet fail
   */
  private IndexObserver(
      DatabaseIndexes indexes, WriteTransaction transaction, Runnable indexesChanged) {
    this.indexes = indexes;
    this.transaction = transaction;
    this.indexesChanged = indexesChanged;
  }

  /**
   * Returns the observers of databases.
   *
   * @param indexesChanged receives the name of a database of which a transaction creates or drops
   *     an index; it may yet fail
   */
  static EditObserver.Source source(Consumer<String> indexesChanged) {
    return (context, transaction) -> {
      DatabaseIndexes indexes = context.derived(DatabaseIndexes.VALUE);
      String database = context.database();
      indexes.requireKnownVersions(database);
      return Optional.of(
          new IndexObserver(indexes, transaction, () -> indexesChanged.accept(database)));
    };
  }

  @Override
  public boolean needsBodies(String id) {
    return DocumentIds.isDesign(id) || !indexes.maintained().isEmpty();
  }

  @Override
  public void changed(List<DocumentChange> changes) {
    Map<String, List<IndexDefinition>> designs = new HashMap<>();
    for (DocumentChange change : changes) {
      if (DocumentIds.isDesign(change.id()) && change.changesWinner()) {
        designs.put(change.id(), definitions(change));
      }
    }
    DatabaseIndexes after = designs.isEmpty() ? indexes : indexes.with(designs);
    if (!designs.isEmpty() && after.isOutdated() || !indexes.unneeded().isEmpty()) {
      correct(transaction, after);
      indexesChanged.run();
    }
    if (!after.maintained().isEmpty()) {
      List<IndexWriter.Change> rows = rows(changes, after.maintained());
      rows.forEach(row -> rowsWritten += row.before().size() + row.after().size());
      new IndexWriter(transaction, DatabaseIndexes.SPACE).change(rows, List.of());
    }
  }

  @Override
  public long rowsWritten() {
    return rowsWritten;
  }

  private static List<IndexDefinition> definitions(DocumentChange change) {
    return change
        .after()
        .filter(version -> !version.deleted())
        .map(version -> DatabaseIndexes.definitions(change.id(), version.body()))
        .orElse(List.of());
  }

  /** Creates the indexes that are missing, and drops those that are not needed. */
  static void correct(WriteTransaction transaction, DatabaseIndexes indexes) {
    for (IndexHandle handle : indexes.unneeded()) {
      IndexCatalog.drop(transaction, DatabaseIndexes.SPACE, handle.number());
    }
    Set<String> created = new HashSet<>();
    for (DatabaseIndexes.Defined index : indexes.defined()) {
      if (!index.isMissing()) {
        continue;
      }
      byte[] signature = index.columns().orElseThrow().signature();
      if (created.isEmpty()) {
        IndexStorage.begin(transaction);
      }
      if (created.add(Arrays.toString(signature))) {
        IndexCatalog.create(
            transaction,
            DatabaseIndexes.SPACE,
            signature,
            IndexStorage.documents(transaction.snapshot()));
      }
    }
  }

  private static List<IndexWriter.Change> rows(
      List<DocumentChange> changes, List<DatabaseIndexes.Maintained> maintained) {
    List<IndexWriter.Change> rows = new ArrayList<>(changes.size() * maintained.size());
    for (DocumentChange change : changes) {
      if (DocumentIds.isDesign(change.id()) || !change.changesWinner()) {
        continue;
      }
      byte[] key = IndexStorage.key(change.id());
      for (DatabaseIndexes.Maintained index : maintained) {
        List<Contribution> before =
            contributions(index.columns(), change.id(), change.before());
        List<Contribution> after = contributions(index.columns(), change.id(), change.after());
        if (!before.equals(after)) {
          rows.add(new IndexWriter.Change(index.handle(), key, before, after));
        }
      }
    }
    return rows;
  }

  private static List<Contribution> contributions(
      IndexedColumns columns, String id, Optional<DocumentVersion> version) {
    return version
        .filter(one -> !one.deleted())
        .map(one -> columns.contributions(id, one.revision(), one.body()))
        .orElse(List.of());
  }
}
