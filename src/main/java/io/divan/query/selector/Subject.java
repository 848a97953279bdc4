package io.divan.query.selector;

import io.divan.json.JsonValue;

/** A value that conditions test: a document, or a value inside one. */
interface Subject {

  /**
   * Looks up a path.
   *
   * @param slot the index of the path among those of the selector, if this is a document
   */
  FieldPath.Found find(FieldPath path, int slot);

  /** A parsed value. */
  record Parsed(JsonValue value) implements Subject {
    @Override
    public FieldPath.Found find(FieldPath path, int slot) {
      return path.find(value);
    }
  }
}
