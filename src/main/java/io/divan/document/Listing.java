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
  AllDocs.Header begin();

  /** Whether {@link #next()} may answer more. */
  boolean hasNext();

  /** The next rows; possibly none while {@link #hasNext()}. */
  List<? extends Row> next();
}
