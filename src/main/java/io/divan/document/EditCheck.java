package io.divan.document;

import io.divan.document.revision.Revision;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Decides on each edit of a batch, after its revision was found right and before it is merged. */
interface EditCheck {

  /** Accepts every edit. */
  EditCheck NONE =
      new EditCheck() {
        @Override
        public boolean needsOld(String id) {
          return false;
        }

        @Override
        public void check(
            DocumentInput edit,
            Optional<Revision> base,
            Supplier<Optional<DocumentVersion>> old) {}
      };

  /** Whether {@link #check} reads the old document of edits of this id. */
  boolean needsOld(String id);

  /**
   * Throws when the edit is refused.
   *
   * @param base the nearest known revision that the edit follows, whether its body is stored or not
   * @param old the nearest such revision whose body is stored
   */
  void check(
      DocumentInput edit, Optional<Revision> base, Supplier<Optional<DocumentVersion>> old);

  /** The check that edits meet all these rules. */
  static EditCheck of(List<EditRule> rules, Principal principal) {
    if (rules.isEmpty()) {
      return NONE;
    }
    return new EditCheck() {
      @Override
      public boolean needsOld(String id) {
        return true;
      }

      @Override
      public void check(
          DocumentInput edit,
          Optional<Revision> base,
          Supplier<Optional<DocumentVersion>> old) {
        ProposedEdit proposed = new ProposedEdit(edit, old.get(), principal);
        rules.forEach(rule -> rule.check(proposed));
      }
    };
  }

  /** This check, then another. */
  default EditCheck then(EditCheck next) {
    EditCheck first = this;
    if (first == NONE || next == NONE) {
      return first == NONE ? next : first;
    }
    return new EditCheck() {
      @Override
      public boolean needsOld(String id) {
        return first.needsOld(id) || next.needsOld(id);
      }

      @Override
      public void check(
          DocumentInput edit,
          Optional<Revision> base,
          Supplier<Optional<DocumentVersion>> old) {
        first.check(edit, base, old);
        next.check(edit, base, old);
      }
    };
  }
}
