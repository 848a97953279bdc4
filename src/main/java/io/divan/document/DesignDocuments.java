package io.divan.document;

import io.divan.document.revision.Revision;
import io.divan.document.rows.Bodies;
import io.divan.document.rows.Tables;
import io.divan.storage.KeyValue;
import io.divan.storage.Range;
import io.divan.storage.ReadTransaction;
import io.divan.storage.WriteTransaction;
import io.divan.storage.tuple.TupleReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The design documents of a database. A change of one bumps the configuration version in the same
 * transaction, so that every {@link DerivedValue} may be computed from them.
 */
public final class DesignDocuments {

  /** Bumps the configuration version when a design document is created, updated or deleted. */
  static final EditObserver.Source BUMP =
      (context, transaction) -> Optional.of(new Bump(transaction));

  /**
   * The winner of a design document.
   *
   * @param id its id, which begins with {@code _design/}
   * @param body canonical JSON without underscore members; the caller must not modify it
   */
  public record DesignDocument(String id, Revision revision, byte[] body) {}

  private record Bump(WriteTransaction transaction) implements EditObserver {
    @Override
    public boolean needsBodies(String id) {
      return false;
    }

    @Override
    public void changed(List<DocumentChange> changes) {
      if (changes.stream().anyMatch(c -> DocumentIds.isDesign(c.id()) && c.changesWinner())) {
        transaction.bumpConfigVersion();
      }
    }
  }

  private DesignDocuments() {}

  /** All design documents that are not deleted, in the order of their ids. */
  public static List<DesignDocument> read(ReadTransaction transaction) {
    byte[] prefix = Tables.textPrefix(DocumentIds.DESIGN_PREFIX);
    Range range = Range.prefix(Tables.ALL_DOCS, prefix);
    List<KeyValue> rows = Bodies.readAll(transaction, transaction.scan(range));
    List<String> ids = new ArrayList<>(rows.size());
    List<Revision> revisions = new ArrayList<>(rows.size());
    List<Range> ranges = new ArrayList<>(rows.size());
    for (KeyValue row : rows) {
      String id = new TupleReader(row.key()).nextString();
      TupleReader value = new TupleReader(row.value());
      Revision revision = new Revision(value.nextLong(), value.nextBytes());
      ids.add(id);
      revisions.add(revision);
      ranges.add(Tables.body(id, revision));
    }
    List<List<KeyValue>> chunks = Bodies.readAll(transaction, ranges);
    List<DesignDocument> documents = new ArrayList<>(rows.size());
    for (int i = 0; i < ids.size(); i++) {
      String id = ids.get(i);
      Revision revision = revisions.get(i);
      Bodies.Body body =
          Bodies.join(chunks.get(i))
              .orElseThrow(() -> DocumentReader.bodyMissing(id, revision));
      documents.add(new DesignDocument(id, revision, body.json()));
    }
    return documents;
  }
}
