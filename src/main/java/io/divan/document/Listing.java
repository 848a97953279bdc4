package io.divan.document;

import java.util.List;
import java.util.Optional;

/** A listing of documents, read in batches, each from one snapshot. For one thread. */
public sealed interface Listing permits AllDocs, LocalDocs {

  /** The documents that are listed. */
  enum Scope {
    /** All but local documents. */
    ALL_DOCS,
    /** Design documents. */
    DESIGN_DOCS,
    /** Local documents. */
    LOCAL_DOCS;

    /** Whether a lookup by key returns a document with this id. */
    public boolean answers(String id) {
      return switch (this) {
        case ALL_DOCS -> true;
        case DESIGN_DOCS -> DocumentIds.isDesign(id);
        case LOCAL_DOCS -> DocumentIds.isLocal(id);
      };
    }
  }

  /** The greatest offset that is reported. */
  int OFFSET_MAX = 10_000;

  /**
   * The range and the form of a listing.
   *
   * @param startKey the first id; empty for no bound
   * @param endKey the last id; empty for no bound
   * @param inclusiveEnd whether {@code endKey} itself is listed
   * @param descending from the greatest id down
   * @param skip how many rows to leave out at the start
   * @param limit the greatest number of rows
   * @param includeDocs whether rows contain the documents
   * @param conflicts whether these contain {@code _conflicts}
   * @param attachments how these show their attachments
   */
  record Query(
      Optional<String> startKey,
      Optional<String> endKey,
      boolean inclusiveEnd,
      boolean descending,
      long skip,
      long limit,
      boolean includeDocs,
      boolean conflicts,
      AttachmentOptions attachments) {

    /** A query whose documents contain stubs of attachments. */
    public Query(
        Optional<String> startKey,
        Optional<String> endKey,
        boolean inclusiveEnd,
        boolean descending,
        long skip,
        long limit,
        boolean includeDocs,
        boolean conflicts) {
      this(
          startKey,
          endKey,
          inclusiveEnd,
          descending,
          skip,
          limit,
          includeDocs,
          conflicts,
          AttachmentOptions.STUBS);
    }
  }

  /**
   * The totals of a listing.
   *
   * @param totalRows the number of documents without a range, where it is known
   * @param offset the number of rows before the first one; empty beyond {@link #OFFSET_MAX}. In a
   *     listing of design documents it counts documents of any kind, as in CouchDB, up to the total
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

    /** The document, where it was asked for and the principal may see it. */
    Optional<byte[]> json();

    /** The attachments, if contents were asked for; the JSON has none then. */
    default List<ShownAttachment> attachments() {
      return List.of();
    }
  }

  /** Reads the totals and the first rows. Must be called once, before the other methods. */
  Header begin();

  /** Whether {@link #next()} may return more rows. */
  boolean hasNext();

  /** The next rows; may be empty even where {@link #hasNext()} was true. */
  List<? extends Row> next();
}
