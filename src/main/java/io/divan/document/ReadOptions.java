package io.divan.document;

/**
 * The members that a document is read with, in addition to its body.
 *
 * @param revisions the ancestors, as {@code _revisions}
 * @param revisionsInfo the ancestors and whether their bodies are kept, as {@code _revs_info}
 * @param conflicts the other leaves that are not deleted, as {@code _conflicts}
 * @param deletedConflicts the other leaves that are, as {@code _deleted_conflicts}
 * @param localSequence the document's sequence, as {@code _local_seq}
 * @param attachments how attachments are shown
 */
public record ReadOptions(
    boolean revisions,
    boolean revisionsInfo,
    boolean conflicts,
    boolean deletedConflicts,
    boolean localSequence,
    AttachmentOptions attachments) {

  /** The body only. */
  public static final ReadOptions NONE = new ReadOptions(false, false, false, false, false);

  /** Members with stubs of attachments. */
  public ReadOptions(
      boolean revisions,
      boolean revisionsInfo,
      boolean conflicts,
      boolean deletedConflicts,
      boolean localSequence) {
    this(
        revisions,
        revisionsInfo,
        conflicts,
        deletedConflicts,
        localSequence,
        AttachmentOptions.STUBS);
  }

  /** The same members with attachments shown otherwise. */
  public ReadOptions with(AttachmentOptions others) {
    return new ReadOptions(
        revisions, revisionsInfo, conflicts, deletedConflicts, localSequence, others);
  }

  /** The body, and its conflicts if {@code conflicts} is set. */
  public static ReadOptions conflicts(boolean asked) {
    return new ReadOptions(false, false, asked, false, false);
  }

  /** The body, and its ancestors if {@code revisions} is set. */
  public static ReadOptions revisions(boolean asked) {
    return new ReadOptions(asked, false, false, false, false);
  }

  boolean needsTree() {
    return revisionsInfo || conflicts || deletedConflicts;
  }
}
