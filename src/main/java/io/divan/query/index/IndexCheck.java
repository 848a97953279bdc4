package io.divan.query.index;

import io.divan.document.Database;
import io.divan.document.IndexStorage;
import io.divan.document.maintenance.CheckListener;
import io.divan.record.index.IndexHandle;
import io.divan.record.index.IndexScrub;
import io.divan.storage.Store;
import java.util.Optional;

/** Compares the indexes of a database with its documents, while edits continue. */
public final class IndexCheck {

  private IndexCheck() {}

  /** Checks all indexes of a database. */
  public static void run(Database database, CheckListener listener) {
    Store store = database.store();
    DatabaseIndexes indexes = store.read(DatabaseIndexes::load);
    boolean marked = store.read(IndexStorage::isMarked);
    if (!indexes.catalog().all().isEmpty() && !marked) {
      listener.problem(
          "the format is too low although there are indexes, so that earlier versions would not"
              + " refuse the database");
    }
    for (IndexHandle handle : indexes.unneeded()) {
      listener.problem("index " + handle.number() + " belongs to no design document");
    }
    long walked = 0;
    for (DatabaseIndexes.Maintained index : indexes.maintained()) {
      int number = index.handle().number();
      if (!index.handle().readable()) {
        listener.uncertain("index " + number + ", which is being built");
        continue;
      }
      IndexScrub.Found found = compare(store, indexes, index.handle(), walked, listener);
      walked += found.checked();
      if (found.missing() > 0) {
        listener.problem(
            "index " + number + " lacks rows, or has wrong ones: " + found.missing());
      }
      if (found.dangling() > 0) {
        listener.problem(
            "index " + number + " has rows that no document has: " + found.dangling());
      }
    }
  }

  private static IndexScrub.Found compare(
      Store store,
      DatabaseIndexes indexes,
      IndexHandle index,
      long walked,
      CheckListener listener) {
    IndexScrub<?> scrub =
        new IndexScrub<>(
            store, DatabaseIndexes.SPACE, index, new DocumentSource(indexes), false);
    IndexScrub.Found found = IndexScrub.Found.NOTHING;
    Optional<IndexScrub.Found> step = scrub.step();
    while (step.isPresent()) {
      found = found.plus(step.get());
      listener.walked(walked + found.checked());
      step = scrub.step();
    }
    return found;
  }
}
