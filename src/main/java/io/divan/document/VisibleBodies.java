package io.divan.document;

import io.divan.json.JsonBuffer;
import io.divan.json.JsonValue;
import io.divan.storage.ReadTransaction;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Applies the {@link ReadRule} of a database for one principal. Safe for use by many threads. */
final class VisibleBodies {

  private record Rule(ReadRule rule, Principal principal, DatabaseSettings settings) {}

  /** Everything. */
  static final VisibleBodies ALL = new VisibleBodies(Optional.empty());

  private final Optional<Rule> rule;

  private VisibleBodies(Optional<Rule> rule) {
    this.rule = rule;
  }

  /** What a principal sees of a database; everything if there is no rule. */
  static VisibleBodies of(
      EditHooks hooks, String database, Principal principal, DatabaseSettings settings) {
    if (principal.isServerAdmin() || hooks.readRules().isEmpty()) {
      return ALL;
    }
    return hooks
        .readRule(database)
        .map(chosen -> new VisibleBodies(Optional.of(new Rule(chosen, principal, settings))))
        .orElse(ALL);
  }

  /** Whether a rule may hide anything. */
  boolean hasRule() {
    return rule.isPresent();
  }

  /**
   * Returns the part of a body that the principal sees.
   *
   * @param body canonical JSON without underscore members
   * @throws DocumentException.NotFound if the document is hidden
   * @throws DocumentException.Forbidden if it is refused
   */
  byte[] visible(ReadTransaction transaction, String id, byte[] body) {
    if (rule.isEmpty()) {
      return body;
    }
    Rule known = rule.get();
    boolean administrator =
        known
            .settings()
            .in(transaction)
            .derived(transaction, DatabaseSettings.SECURITY)
            .isAdmin(known.principal());
    return switch (known.rule().view(id, known.principal(), administrator)) {
      case ReadRule.View.Whole whole -> body;
      case ReadRule.View.Members(Set<String> names) -> members(body, names);
      case ReadRule.View.Hidden hidden -> throw new DocumentException.NotFound("missing");
      case ReadRule.View.Refused(String reason) -> throw new DocumentException.Forbidden(reason);
    };
  }

  private static byte[] members(byte[] body, Set<String> names) {
    JsonValue read = JsonValue.read(body, names::contains);
    if (!(read instanceof JsonValue.Obj(Map<String, JsonValue> members)) || members.isEmpty()) {
      throw new DocumentException.NotFound("missing");
    }
    JsonBuffer out = new JsonBuffer();
    read.appendTo(out);
    return out.toBytes();
  }

  /** Returns the part that the principal sees, or empty if the document is hidden or refused. */
  Optional<byte[]> ifVisible(ReadTransaction transaction, String id, byte[] body) {
    if (rule.isEmpty()) {
      return Optional.of(body);
    }
    try {
      return Optional.of(visible(transaction, id, body));
    } catch (DocumentException e) {
      return Optional.empty();
    }
  }
}
