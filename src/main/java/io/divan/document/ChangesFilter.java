package io.divan.document;

import java.util.Set;
import java.util.stream.Collectors;

/** Which changes a feed tells of. */
public sealed interface ChangesFilter {

  /** All of them. */
  ChangesFilter NONE = new Everything();

  /** All of them. */
  record Everything() implements ChangesFilter {}

  /** Those of design documents. */
  record DesignDocuments() implements ChangesFilter {}

  /** Those of these documents; ids that no document can have are left out. */
  record Ids(Set<String> ids) implements ChangesFilter {
    public Ids {
      ids = ids.stream().filter(DocumentIds::isStorable).collect(Collectors.toUnmodifiableSet());
    }
  }

  /**
   * Those with a winner (or, where all leaves are named, a leaf) that passes a test.
   *
   * @param test told the document as it would be answered; called outside of transactions
   */
  record Documents(DocumentTest test) implements ChangesFilter {}

  /** A test of documents. */
  @FunctionalInterface
  interface DocumentTest {

    /** Whether a document passes: its JSON with id, revision and whether it is deleted. */
    boolean passes(byte[] json);
  }
}
