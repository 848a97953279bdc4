package io.divan.query.selector;

import io.divan.json.JsonValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads the values of fields in stored documents. Safe for use by many threads. */
public final class FieldReader {
  private final List<FieldPath> fields;
  private final int[] slots;
  private final WantedPaths paths;

  private FieldReader(List<FieldPath> fields) {
    this.fields = List.copyOf(fields);
    this.slots = fields.stream().mapToInt(fields::indexOf).toArray();
    this.paths = WantedPaths.of(fields);
  }

  /**
   * Reads these fields.
   *
   * @param fields names separated by dots, as in selectors
   * @throws SelectorException if one is malformed
   */
  public static FieldReader of(List<String> fields) {
    return new FieldReader(fields.stream().map(FieldPath::parse).toList());
  }

  /**
   * Returns the values of all fields, in their order, or empty if the document lacks one. Parses
   * nothing else.
   *
   * @param document a stored document: JSON in canonical form
   */
  public Optional<List<JsonValue>> read(byte[] document) {
    if (fields.isEmpty()) {
      return Optional.of(List.of());
    }
    Subject found = DocumentScan.of(document, paths);
    List<JsonValue> values = new ArrayList<>(fields.size());
    for (int i = 0; i < slots.length; i++) {
      if (!(found.find(fields.get(i),
          slots[i]) instanceof FieldPath.Found.Value(JsonValue value))) {
        return Optional.empty();
      }
      values.add(value);
    }
    return Optional.of(values);
  }
}
