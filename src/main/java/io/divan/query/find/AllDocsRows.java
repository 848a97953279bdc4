package io.divan.query.find;

import io.divan.document.Database;
import io.divan.document.WinnerReader;
import io.divan.document.WinnerReader.Ids;
import io.divan.document.WinnerReader.Slice;
import java.util.List;
import java.util.Optional;

/** The rows of {@code _all_docs}: all documents by id, design documents included. */
final class AllDocsRows implements RowSource {
  private final Database database;
  private final WinnerReader reader;
  private final boolean conflicts;
  private Optional<Ids> rest;

  /**
   * Reads a range.
   *
   * @param ids the range; empty for no rows
   * @param conflicts whether documents show their conflicts
   */
  AllDocsRows(Database database, Optional<Ids> ids, boolean conflicts) {
    this.database = database;
    this.reader = database.winners();
    this.conflicts = conflicts;
    this.rest = ids;
  }

  @Override
  public boolean hasNext() {
    return rest.isPresent();
  }

  @Override
  public List<Row> next(int wanted) {
    Ids ids = rest.orElseThrow();
    Slice slice = database.read(t -> reader.scan(t, ids, wanted, conflicts));
    rest = slice.rest();
    return slice.winners().stream()
        .map(w -> new Row(w.id(), Bookmark.ofDocument(w.id()), w.body(), w::toJson))
        .toList();
  }
}
