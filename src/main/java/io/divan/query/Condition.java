package io.divan.query;

import io.divan.json.JsonValue;
import java.util.List;

/**
 * A selector in normal form: field names pushed down to the tests at the ends, and negations pushed
 * into them.
 */
sealed interface Condition {

  boolean holds(JsonValue value, Steps steps);

  /** All of them. */
  record All(List<Condition> conditions) implements Condition {
    @Override
    public boolean holds(JsonValue value, Steps steps) {
      for (Condition condition : conditions) {
        if (!condition.holds(value, steps)) {
          return false;
        }
      }
      return true;
    }
  }

  /** Any of them; of none, as in CouchDB, true. */
  record Any(List<Condition> conditions) implements Condition {
    @Override
    public boolean holds(JsonValue value, Steps steps) {
      for (Condition condition : conditions) {
        if (condition.holds(value, steps)) {
          return true;
        }
      }
      return conditions.isEmpty();
    }
  }

  /** What is found at a path passes a test; what is missing passes that of missing only. */
  record At(FieldPath path, Test test) implements Condition {
    @Override
    public boolean holds(JsonValue value, Steps steps) {
      steps.take(1 + path.names().size());
      return switch (path.find(value)) {
        case FieldPath.Found.Value(JsonValue found) -> test.passes(found, steps);
        case FieldPath.Found.Missing missing ->
            test instanceof Test.Exists exists && !exists.wanted();
        case FieldPath.Found.NoPath none -> false;
      };
    }
  }
}
