package io.divan.query.selector;

import io.divan.json.JsonValue;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

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
  private final Optional<Set<String>> names;

  private Selector(JsonValue.Obj normalized) {
    this.normalized = normalized;
    this.condition =
        normalized.members().isEmpty()
            ? Optional.empty()
            : Optional.of(new SelectorReader().read(normalized));
    Set<String> found = new HashSet<>();
    boolean whole = condition.filter(c -> !collect(c, found)).isPresent();
    this.names = whole ? Optional.empty() : Optional.of(found);
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

  /** Collects the top-level names that a condition reads; false if it reads the whole value. */
  private static boolean collect(Condition condition, Set<String> names) {
    return switch (condition) {
      case Condition.All all -> all.conditions().stream().allMatch(c -> collect(c, names));
      case Condition.Any any -> any.conditions().stream().allMatch(c -> collect(c, names));
      case Condition.Not not -> collect(not.condition(), names);
      case Condition.At at -> {
        at.path().names().stream().findFirst().ifPresent(names::add);
        yield !at.path().names().isEmpty();
      }
    };
  }

  /** Whether a document matches. */
  public boolean matches(JsonValue document) {
    try {
      return condition.isEmpty() || condition.get().holds(document, new StepBudget());
    } catch (StepBudget.Exhausted e) {
      return false;
    }
  }

  /** Whether a document matches. Parses only the members that the selector reads. */
  public boolean matches(byte[] document) {
    return condition.isEmpty()
        || matches(
            JsonValue.read(
                document, name -> names.isEmpty() || names.get().contains(name)));
  }
}
