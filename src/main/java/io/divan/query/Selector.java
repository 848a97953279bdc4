package io.divan.query;

import io.divan.json.JsonValue;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * A Mango selector: what CouchDB's {@code _find} and the {@code _selector} filter of {@code
 * _changes} ask of a document. Safe for use by many threads.
 *
 * <p>Answers what CouchDB 3.5 answers, but for:
 *
 * <ul>
 *   <li>numbers are compared exactly, however large or long they are;
 *   <li>regular expressions have RE2's syntax, look at characters (not at bytes), and take time
 *       linear in the text;
 *   <li>a document on which a selector would take more than {@value Steps#MAX} steps, about a
 *       second, does not match it;
 *   <li>{@code $text} is refused, and so are a {@code $mod} by 0 and malformed field names, to
 *       which CouchDB answers 500.
 * </ul>
 *
 * <p>See "Selector Syntax" of CouchDB's reference of {@code POST /{db}/_find}.
 */
public final class Selector {

  /** How deep a selector may be nested, fields and operators together. */
  public static final int DEPTH_MAX = 100;

  /** The longest selector, in bytes of canonical JSON. */
  public static final int BYTES_MAX = 1_000_000;

  private final Optional<Condition> condition;
  private final Optional<Set<String>> names;

  private Selector(Optional<Condition> condition) {
    this.condition = condition;
    Set<String> found = new HashSet<>();
    boolean whole = condition.filter(c -> !collect(c, found)).isPresent();
    this.names = whole ? Optional.empty() : Optional.of(found);
  }

  /**
   * Reads a selector.
   *
   * @param utf8 JSON
   * @throws SelectorException when it is not a selector, or not within the limits
   * @throws io.divan.json.JsonException when it is not JSON
   */
  public static Selector read(byte[] utf8) {
    if (utf8.length > BYTES_MAX) {
      throw new SelectorException(
          "invalid_selector", "A selector has at most " + BYTES_MAX + " bytes.");
    }
    return of(JsonValue.read(utf8));
  }

  /**
   * Reads a selector that is parsed already.
   *
   * @throws SelectorException when it is not a selector
   */
  public static Selector of(JsonValue json) {
    if (!(json instanceof JsonValue.Obj selector)) {
      throw new SelectorException(
          "invalid_selector_json", "Selector error: expected a JSON object");
    }
    return new Selector(
        selector.members().isEmpty()
            ? Optional.empty()
            : Optional.of(SelectorReader.read(selector)));
  }

  /** Gathers the names of members a condition looks at; false when it looks at everything. */
  private static boolean collect(Condition condition, Set<String> names) {
    return switch (condition) {
      case Condition.All all -> all.conditions().stream().allMatch(c -> collect(c, names));
      case Condition.Any any -> any.conditions().stream().allMatch(c -> collect(c, names));
      case Condition.At at -> {
        at.path().names().stream().findFirst().ifPresent(names::add);
        yield !at.path().names().isEmpty();
      }
    };
  }

  /** Whether a document matches. */
  public boolean matches(JsonValue document) {
    try {
      return condition.isEmpty() || condition.get().holds(document, new Steps());
    } catch (Steps.Exhausted e) {
      return false;
    }
  }

  /** Whether a document matches; of its JSON only what the selector looks at is kept. */
  public boolean matches(byte[] document) {
    return condition.isEmpty()
        || matches(
            JsonValue.read(
                document, name -> names.isEmpty() || names.get().contains(name)));
  }
}
