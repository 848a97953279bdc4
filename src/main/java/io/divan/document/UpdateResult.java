package io.divan.document;

/** The outcome of one edit. */
public sealed interface UpdateResult {

  /** The document's id. */
  String id();

  /**
   * Returns the stored edit.
   *
   * @throws DocumentException the reason why it was refused
   */
  Saved orThrow();

  /**
   * The edit is stored.
   *
   * @param revision its revision as text; {@code 0-N} for local documents
   */
  record Saved(String id, String revision) implements UpdateResult {
    @Override
    public Saved orThrow() {
      return this;
    }
  }

  /**
   * The edit was refused and left no trace.
   *
   * @param reason why
   */
  record Refused(String id, DocumentException reason) implements UpdateResult {
    @Override
    public Saved orThrow() {
      throw reason;
    }
  }
}
