package io.divan.query.index;

import io.divan.document.DocumentIds;
import io.divan.document.IndexStorage;
import io.divan.document.WinnerReader;
import io.divan.document.WinnerReader.Winner;
import io.divan.record.index.Contribution;
import io.divan.record.index.IndexHandle;
import io.divan.record.index.IndexSource;
import io.divan.storage.ReadTransaction;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The winners of a database's documents, as the builds and checks of its indexes read them. */
final class DocumentSource implements IndexSource<Winner> {
  private static final WinnerReader WINNERS = WinnerReader.UNRESTRICTED;

  private final DatabaseIndexes indexes;
  private final int atOnceMax;

  DocumentSource(DatabaseIndexes indexes) {
    this(indexes, Integer.MAX_VALUE);
  }

  /**
   * Reads documents.
   *
   * @param atOnceMax the most documents of one slice
   */
  DocumentSource(DatabaseIndexes indexes, int atOnceMax) {
    this.indexes = indexes;
    this.atOnceMax = atOnceMax;
  }

  @Override
  public Slice<Winner> after(
      ReadTransaction transaction, byte[] position, int rowsMax, int bytesMax) {
    WinnerReader.Ids all = WinnerReader.Ids.all(false);
    WinnerReader.Ids ids =
        position.length == 0 ? all : all.after(IndexStorage.id(position));
    WinnerReader.Slice read = WINNERS.scan(transaction, ids, Math.min(rowsMax, atOnceMax), false);
    List<Item<Winner>> items = new ArrayList<>(read.winners().size());
    byte[] last = position;
    long bytes = 0;
    for (Winner winner : read.winners()) {
      bytes += winner.body().length;
      if (bytes > bytesMax && bytes > winner.body().length) {
        return new Slice<>(items, last, false);
      }
      last = IndexStorage.key(winner.id());
      if (!DocumentIds.isDesign(winner.id())) {
        items.add(new Item<>(last, winner));
      }
    }
    return new Slice<>(items, last, read.rest().isEmpty());
  }

  @Override
  public Optional<Winner> get(ReadTransaction transaction, byte[] primaryKey) {
    return getAll(transaction, List.of(primaryKey)).getFirst();
  }

  @Override
  public List<Optional<Winner>> getAll(
      ReadTransaction transaction, List<byte[]> primaryKeys) {
    List<String> ids = primaryKeys.stream().map(IndexStorage::id).toList();
    List<Optional<Winner>> found = new ArrayList<>(ids.size());
    while (found.size() < ids.size()) {
      found.addAll(
          WINNERS.read(transaction, ids.subList(found.size(), ids.size()), false).stream()
              .map(winner -> winner.filter(one -> !DocumentIds.isDesign(one.id())))
              .toList());
    }
    return found;
  }

  @Override
  public List<Contribution> contributions(
      IndexHandle index, byte[] primaryKey, Winner document) {
    return indexes
        .columns(index.signature())
        .map(
            columns -> columns.contributions(
                document.id(), document.revision(), document.body()))
        .orElse(List.of());
  }

  @Override
  public Optional<byte[]> owner(IndexHandle index, byte[] key) {
    return IndexRow.primaryKey(key);
  }
}
