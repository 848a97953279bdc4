package io.divan.document;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The edits of a batch after the transformations of their database.
 *
 * @param accepted the edits to apply, in their order
 * @param refusals for each edit of the batch, its refusal, or empty if it was accepted
 */
record TransformedEdits(
    List<DocumentInput> accepted, List<Optional<UpdateResult.Refused>> refusals) {

  /** Transforms edits. */
  static TransformedEdits of(
      List<DocumentInput> edits,
      List<EditTransform> transforms,
      Principal principal,
      boolean administrator) {
    List<DocumentInput> accepted = new ArrayList<>(edits.size());
    List<Optional<UpdateResult.Refused>> refusals = new ArrayList<>(edits.size());
    for (DocumentInput edit : edits) {
      try {
        DocumentInput transformed = edit;
        for (EditTransform transform : transforms) {
          transformed = transform.apply(transformed, principal, administrator);
        }
        accepted.add(transformed);
        refusals.add(Optional.empty());
      } catch (DocumentException e) {
        refusals.add(Optional.of(new UpdateResult.Refused(edit.requireId(), e)));
      }
    }
    return new TransformedEdits(accepted, refusals);
  }

  /** Returns the outcome of each edit of the batch, given those of the accepted ones. */
  List<UpdateResult> outcomes(List<UpdateResult> ofAccepted) {
    List<UpdateResult> outcomes = new ArrayList<>(refusals.size());
    int next = 0;
    for (Optional<UpdateResult.Refused> refusal : refusals) {
      outcomes.add(refusal.isPresent() ? refusal.get() : ofAccepted.get(next++));
    }
    return outcomes;
  }
}
