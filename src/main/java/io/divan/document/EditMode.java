package io.divan.document;

import io.divan.document.revision.Revision;
import java.util.List;
import java.util.Optional;

/** The origin of edits, which decides how they are merged into a document. */
enum EditMode {

  /** Edits of a user: each extends a leaf or is refused. */
  INTERACTIVE {
    @Override
    Optional<Revision> follows(DocumentInput edit) {
      return edit.base();
    }

    @Override
    Revision merge(
        EditedDocument document, DocumentInput edit, int revsLimit, EditCheck check) {
      return document.edit(edit, revsLimit, check);
    }
  },

  /** Deletions of a user: each must find a live document. */
  DELETION {
    @Override
    Optional<Revision> follows(DocumentInput edit) {
      return edit.base();
    }

    @Override
    Revision merge(
        EditedDocument document, DocumentInput edit, int revsLimit, EditCheck check) {
      document.requireLive();
      return document.edit(edit, revsLimit, check);
    }
  },

  /** Edits made elsewhere: each is merged with the revision that it has. */
  REPLICATED {
    @Override
    Optional<Revision> follows(DocumentInput edit) {
      List<Revision> path = edit.path().orElse(List.of());
      return path.size() < 2 ? Optional.empty() : Optional.of(path.get(1));
    }

    @Override
    Revision merge(
        EditedDocument document, DocumentInput edit, int revsLimit, EditCheck check) {
      return document.merge(edit, revsLimit, check);
    }
  };

  /** The revision that an edit says it follows. */
  abstract Optional<Revision> follows(DocumentInput edit);

  /**
   * Merges an edit into its document, in memory.
   *
   * @return the edit's revision
   * @throws DocumentException when the edit is refused; the document is unchanged then
   */
  abstract Revision merge(
      EditedDocument document, DocumentInput edit, int revsLimit, EditCheck check);
}
