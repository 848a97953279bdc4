package io.divan.query.selector;

import io.divan.json.JsonValue;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Finds values in the bytes of a document without parsing the rest of it. The scan ends as soon as
 * all paths have a value.
 *
 * <p>The document must be stored JSON in canonical form: well-formed, with no name repeated. Only
 * the values at wanted paths are parsed.
 */
final class DocumentScan implements Subject {
  private static final FieldPath.Found MISSING = new FieldPath.Found.Missing();
  private static final FieldPath.Found NO_PATH = new FieldPath.Found.NoPath();

  private final byte[] json;
  private final FieldPath.Found[] results;
  private int at;
  private int pending;

  private DocumentScan(byte[] json, int paths) {
    this.json = json;
    results = new FieldPath.Found[paths];
    Arrays.fill(results, MISSING);
    pending = paths;
  }

  /** Looks up all paths of a selector in a document. */
  static Subject of(byte[] document, WantedPaths paths) {
    DocumentScan scan = new DocumentScan(document, paths.count());
    scan.value(paths.root());
    return scan;
  }

  @Override
  public FieldPath.Found find(FieldPath path, int slot) {
    return results[slot];
  }

  /** Looks up the paths through the current value, and moves after it. */
  private void value(WantedPaths.Node node) {
    if (node.children().isEmpty()) {
      JsonValue value = parsed();
      node.slot().ifPresent(slot -> results[slot] = new FieldPath.Found.Value(value));
      pending--;
    } else if (json[at] == '{' && node.slot().isEmpty()) {
      members(node);
    } else if (json[at] == '{' || json[at] == '[') {
      node.fill(results, parsed());
    } else {
      JsonValue value = parsed();
      node.slot().ifPresent(slot -> results[slot] = new FieldPath.Found.Value(value));
      node.fillBelow(results, NO_PATH);
    }
  }

  private void members(WantedPaths.Node node) {
    at++;
    while (pending > 0 && json[at] != '}') {
      if (json[at] == ',') {
        at++;
      }
      int name = at;
      skipString();
      WantedPaths.Node wanted = child(node, name, at);
      at++; // the colon
      if (wanted == null) {
        skip();
      } else {
        value(wanted);
      }
    }
    at++;
  }

  private WantedPaths.@Nullable Node child(
      WantedPaths.Node node, int from, int to) {
    for (WantedPaths.Child child : node.children()) {
      if (child.isAt(json, from, to)) {
        return child.node();
      }
    }
    return null;
  }

  /** Parses the current value, and moves after it. */
  private JsonValue parsed() {
    int from = at;
    boolean plain = skip();
    return switch (json[from]) {
      case '"' ->
          plain
              ? new JsonValue.Str(
                  new String(json, from + 1, at - from - 2, StandardCharsets.UTF_8))
              : JsonValue.read(Arrays.copyOfRange(json, from, at));
      case '{', '[' -> JsonValue.read(Arrays.copyOfRange(json, from, at));
      case 'n' -> JsonValue.Literal.NULL;
      case 't' -> JsonValue.Literal.TRUE;
      case 'f' -> JsonValue.Literal.FALSE;
      default ->
          new JsonValue.Num(new String(json, from, at - from, StandardCharsets.ISO_8859_1));
    };
  }

  /** Moves after the current value; returns whether it is a string without escapes. */
  private boolean skip() {
    switch (json[at]) {
      case '"' -> {
        return skipString();
      }
      case '{', '[' -> skipNested();
      default -> {
        while (at < json.length && json[at] != ',' && json[at] != '}' && json[at] != ']') {
          at++;
        }
      }
    }
    return false;
  }

  private void skipNested() {
    int depth = 0;
    do {
      switch (json[at]) {
        case '"' -> {
          skipString();
          continue;
        }
        case '{', '[' -> depth++;
        case '}', ']' -> depth--;
        default -> {
          // a part of a scalar, or a separator
        }
      }
      at++;
    } while (depth > 0);
  }

  /** Moves after the current string; returns whether it has no escapes. */
  private boolean skipString() {
    boolean plain = true;
    int i = at + 1;
    while (json[i] != '"') {
      if (json[i] == '\\') {
        plain = false;
        i++;
      }
      i++;
    }
    at = i + 1;
    return plain;
  }
}
