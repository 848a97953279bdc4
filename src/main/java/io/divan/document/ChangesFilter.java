package io.divan.document;

import java.util.Set;
import java.util.stream.Collectors;

/** The changes that a feed reports. */
public sealed interface ChangesFilter {

  /** All of them. */
  ChangesFilter NONE = new Everything();

  /** All of them. */
  record Everything() implements ChangesFilter {}

  /** Changes of design documents. */
  record DesignDocuments() implements ChangesFilter {}

  /** Changes of these documents. Ids that no document can have are ignored. */
  record Ids(Set<String> ids) implements ChangesFilter {
    public Ids {
      ids = ids.stream().filter(DocumentIds::isStorable).collect(Collectors.toUnmodifiableSet());
    }
  }

  /**
   * Changes whose winner passes a test, or any leaf where the feed lists all leaves.
   *
   * @param test gets the document as the feed would return it; called outside transactions
   */
  record Documents(DocumentTest test) implements ChangesFilter {}

  /** A test of documents. */
  @FunctionalInterface
  interface DocumentTest {

    /** Whether a document passes; its JSON has id, revision and {@code _deleted}. */
    boolean passes(byte[] json);
  }
}
