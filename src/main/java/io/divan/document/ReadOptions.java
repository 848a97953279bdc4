package io.divan.document;

/**
 * What to answer beside a document's body.
 *
 * @param revisions the ancestors, as {@code _revisions}
 * @param revisionsInfo the ancestors and whether their bodies are kept, as {@code _revs_info}
 * @param conflicts the other leaves that are not deleted, as {@code _conflicts}
 * @param deletedConflicts the other leaves that are, as {@code _deleted_conflicts}
 * @param localSequence the document's sequence, as {@code _local_seq}
 */
public record ReadOptions(
    boolean revisions,
    boolean revisionsInfo,
    boolean conflicts,
    boolean deletedConflicts,
    boolean localSequence) {

  /** The body only. */
  public static final ReadOptions NONE = new ReadOptions(false, false, false, false, false);

  /** The body, and the conflicts where that is asked. */
  public static ReadOptions conflicts(boolean asked) {
    return new ReadOptions(false, false, asked, false, false);
  }

  /** The body, and the ancestors where that is asked. */
  public static ReadOptions revisions(boolean asked) {
    return new ReadOptions(asked, false, false, false, false);
  }

  boolean needsTree() {
    return revisionsInfo || conflicts || deletedConflicts;
  }
}
