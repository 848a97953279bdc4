package io.divan.query.selector;

import io.divan.json.JsonValue;
import java.util.List;

/** A selector as a tree whose leaves test one field each. */
sealed interface Condition {

  boolean holds(Subject subject, StepBudget steps);

  /** A conjunction. */
  record All(List<Condition> conditions) implements Condition {
    @Override
    public boolean holds(Subject subject, StepBudget steps) {
      for (Condition condition : conditions) {
        if (!condition.holds(subject, steps)) {
          return false;
        }
      }
      return true;
    }
  }

  /** A disjunction. It is true if it is empty, as in CouchDB. */
  record Any(List<Condition> conditions) implements Condition {
    @Override
    public boolean holds(Subject subject, StepBudget steps) {
      for (Condition condition : conditions) {
        if (condition.holds(subject, steps)) {
          return true;
        }
      }
      return conditions.isEmpty();
    }
  }

  /** A negation. It remains only inside {@code $elemMatch} and the like. */
  record Not(Condition condition) implements Condition {
    @Override
    public boolean holds(Subject subject, StepBudget steps) {
      return !condition.holds(subject, steps);
    }
  }

  /**
   * Tests the value at a path. A missing value passes only {@code {"$exists": false}}.
   *
   * @param slot the index of the path among those of the selector
   */
  record At(FieldPath path, int slot, ValueTest test) implements Condition {
    @Override
    public boolean holds(Subject subject, StepBudget steps) {
      steps.take(1 + path.names().size());
      return switch (subject.find(path, slot)) {
        case FieldPath.Found.Value(JsonValue found) -> test.passes(found, steps);
        case FieldPath.Found.Missing missing ->
            test instanceof ValueTest.Exists exists && !exists.wanted();
        case FieldPath.Found.NoPath none -> false;
      };
    }
  }
}
