package io.divan.query.selector;

import io.divan.json.JsonValue;
import java.util.Optional;

/**
 * A Mango selector, the predicate of CouchDB's {@code _find} and of the {@code _selector} filter of
 * {@code _changes}. Safe for use by many threads.
 *
 * <p>It matches as in CouchDB 3.5, except:
 *
 * <ul>
 *   <li>numbers of any size are compared exactly;
 *   <li>regular expressions have RE2's syntax, match characters instead of bytes, and take linear
 *       time;
 *   <li>a document that needs more than {@value StepBudget#MAX} steps, about a second, does not
 *       match;
 *   <li>{@code $text}, a {@code $mod} by 0 and malformed field names are rejected; CouchDB returns
 *       500 for the latter two.
 * </ul>
 *
 * <p>See "Selector Syntax" in CouchDB's reference of {@code POST /{db}/_find}.
 */
public final class Selector {

  /** The maximum nesting of fields and operators. */
  public static final int DEPTH_MAX = 100;

  /** The longest selector, in bytes of canonical JSON. */
  public static final int BYTES_MAX = 1_000_000;

  private final JsonValue.Obj normalized;
  private final Optional<Condition> condition;
  private final WantedPaths paths;

  private Selector(JsonValue.Obj normalized) {
    this.normalized = normalized;
    SelectorReader reader = new SelectorReader();
    this.condition =
        normalized.members().isEmpty()
            ? Optional.empty()
            : Optional.of(reader.read(normalized));
    this.paths = WantedPaths.of(reader.paths());
  }

  /**
   * Reads a selector.
   *
   * @param utf8 JSON
   * @throws SelectorException if it is not a selector or exceeds a limit
   * @throws io.divan.json.JsonException if it is not JSON
   */
  public static Selector read(byte[] utf8) {
    if (utf8.length > BYTES_MAX) {
      throw new SelectorException(
          "invalid_selector", "A selector has at most " + BYTES_MAX + " bytes.");
    }
    return of(JsonValue.read(utf8));
  }

  /**
   * Reads a parsed selector.
   *
   * @throws SelectorException if it is not a selector
   */
  public static Selector of(JsonValue json) {
    if (!(json instanceof JsonValue.Obj selector)) {
      throw new SelectorException(
          "invalid_selector_json", "Selector error: expected a JSON object");
    }
    return new Selector(SelectorNormalizer.normalize(selector));
  }

  /**
   * The selector in CouchDB's normal form, as {@code _explain} shows it. Every object has one
   * member: {@code $and}, {@code $or}, or a field with an operator. An empty selector has none.
   */
  public JsonValue.Obj normalized() {
    return normalized;
  }

  /** Whether a document matches. */
  public boolean matches(JsonValue document) {
    return condition.isEmpty() || holds(condition.get(), new Subject.Parsed(document));
  }

  /**
   * Whether a document matches. Parses only the values that the selector reads.
   *
   * @param document a stored document: JSON in canonical form
   */
  public boolean matches(byte[] document) {
    return condition.isEmpty() || holds(condition.get(), DocumentScan.of(document, paths));
  }

  private static boolean holds(Condition condition, Subject document) {
    try {
      return condition.holds(document, new StepBudget());
    } catch (StepBudget.Exhausted e) {
      return false;
    }
  }
}
