package io.divan.document;

import java.util.List;
import java.util.Optional;

/** A listing of documents, read in batches, each from one snapshot. For one thread. */
public sealed interface Listing permits AllDocs, LocalDocs {

  /** Which documents are listed. */
  enum Scope {
    /** All but local documents. */
    ALL_DOCS,
    /** Design documents. */
    DESIGN_DOCS,
    /** Local documents. */
    LOCAL_DOCS;

    /** Whether a document of this id, were it there, would be answered by key. */
    public boolean answers(String id) {
      return switch (this) {
        case ALL_DOCS -> true;
        case DESIGN_DOCS -> DocumentIds.isDesign(id);
        case LOCAL_DOCS -> DocumentIds.isLocal(id);
      };
    }
  }

  /** The greatest offset that is counted. */
  int OFFSET_MAX = 10_000;

  /**
   * What to list.
   *
   * @param startKey the first id; nothing for the first there is
   * @param endKey the last id; nothing for the last there is
   * @param inclusiveEnd whether {@code endKey} itself is listed
   * @param descending from the greatest id down
   * @param skip how many rows to leave out at the beginning
   * @param limit how many rows to answer at the most
   * @param includeDocs whether to answer the documents too
   * @param conflicts whether those name their conflicts
   */
  record Query(
      Optional<String> startKey,
      Optional<String> endKey,
      boolean inclusiveEnd,
      boolean descending,
      long skip,
      long limit,
      boolean includeDocs,
      boolean conflicts) {}

  /**
   * What goes before the rows.
   *
   * @param totalRows documents listed when there is no range, where that is known
   * @param offset how many rows stand before the first one, or nothing beyond {@link #OFFSET_MAX};
   *     of design documents, as in CouchDB, how many documents of any kind, but no more than the
   *     total
   * @param sequence the latest change of the same snapshot, where there is one
   */
  record Header(
      Optional<Long> totalRows, Optional<Long> offset, Optional<String> sequence) {}

  /** One row. */
  interface Row {
    /** The document. */
    String id();

    /** Its winner as CouchDB writes it. */
    String revisionText();

    /** The document, where it was asked for. */
    Optional<byte[]> json();
  }

  /** Reads what goes before the rows, and the first of them; to be called first, once. */
  Header begin();

  /** Whether {@link #next()} may answer more. */
  boolean hasNext();

  /** The next rows; possibly none while {@link #hasNext()}. */
  List<? extends Row> next();
}
