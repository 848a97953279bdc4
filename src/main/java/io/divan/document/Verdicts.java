package io.divan.document;

import io.divan.document.revision.Revision;
import io.divan.storage.Versionstamp;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The verdicts of slow rules on the edits of a batch, and the state that the rules saw: the
 * configuration version and the revision that each edit follows. A revision's content never
 * changes, so a verdict holds while both are the same. For one thread.
 */
final class Verdicts {

  private record Verdict(Optional<Revision> base, Optional<DocumentException> refusal) {}

  /** Thrown in a transaction whose state is not the one that the rules saw. */
  static final class Outdated extends RuntimeException {
    Outdated() {
      super("Slow rules have not seen the present state", null, false, false);
    }
  }

  private Versionstamp configuration = Versionstamp.ZERO;
  private final IdentityHashMap<DocumentInput, Verdict> byEdit = new IdentityHashMap<>();

  /** Whether slow rules see this edit. */
  static boolean concern(DocumentInput edit) {
    return concern(edit.requireId());
  }

  private static boolean concern(String id) {
    return !DocumentIds.isDesign(id) && !DocumentIds.isLocal(id);
  }

  /** A check that runs the rules, outside any transaction, and records their verdicts. */
  EditCheck judge(Versionstamp version, List<EditRule> rules, Principal principal) {
    if (!version.equals(configuration)) {
      byEdit.clear();
      configuration = version;
    }
    EditCheck check = EditCheck.of(rules, principal);
    return new EditCheck() {
      @Override
      public boolean needsOld(String id) {
        return concern(id) && check.needsOld(id);
      }

      @Override
      public void check(
          DocumentInput edit,
          Optional<Revision> base,
          Supplier<Optional<DocumentVersion>> old) {
        if (!concern(edit)) {
          return;
        }
        Verdict known = byEdit.get(edit);
        if (known == null || !known.base().equals(base)) {
          known = new Verdict(base, refusal(() -> check.check(edit, base, old)));
          byEdit.put(edit, known);
        }
        apply(known);
      }
    };
  }

  private static Optional<DocumentException> refusal(Runnable check) {
    try {
      check.run();
      return Optional.empty();
    } catch (DocumentException e) {
      return Optional.of(e);
    }
  }

  private static void apply(Verdict verdict) {
    if (verdict.refusal().isPresent()) {
      throw verdict.refusal().get();
    }
  }

  /** A check that applies the recorded verdicts; throws {@link Outdated} where none holds. */
  EditCheck recall(Versionstamp version) {
    return new EditCheck() {
      @Override
      public boolean needsOld(String id) {
        return false;
      }

      @Override
      public void check(
          DocumentInput edit,
          Optional<Revision> base,
          Supplier<Optional<DocumentVersion>> old) {
        if (!concern(edit)) {
          return;
        }
        Verdict known = byEdit.get(edit);
        if (known == null || !version.equals(configuration) || !known.base().equals(base)) {
          throw new Outdated();
        }
        apply(known);
      }
    };
  }
}
